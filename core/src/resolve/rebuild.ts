// Makes people, facts, consents and audiences again from the log, by the code and config of now. What
// is a fact about the outside (ledger, actions, checkpoints, audit log) stays as it is.
import { settleEarlierForms } from '../identity/earlier-forms.ts';
import type { IdentitySettings } from '../identity/settings.ts';
import { isPassingFailure } from '../store/errors.ts';
import { dynamicStatement, statement, type Store } from '../store/store.ts';
import { countLog } from './count-log.ts';
import { createResolver } from './resolver.ts';
import type { ResolveRoom } from './room.ts';
import { beingRebuilt, keepRules, rulesChanged, rulesOf } from './rules-of-folding.ts';

/** Interned ids stay: the delivery ledger refers to them. */
const forgetTables = [
  'evidence',
  'evidence_spare',
  'retraction',
  'never_same',
  'login',
  'device_span',
  'contact',
  'fact',
  'subject_state',
  'profile',
  'consent_entry',
  'erasure',
];

/**
 * Each on its own again, as if just named, and of the kind that config gives it now; `last_at` stays, so that an
 * erasure on the way deletes none. $1, $2: namespaces with their kind; $3, $4: values that are shared.
 */
const resetIdentifiers = statement(
  'resolve.reset_identifiers',
  `UPDATE identifier i SET component = i.id, first_at = 'infinity', kind = k.kind,
     now_hash = NULL, profile_id = CASE WHEN k.kind <> 'contact' THEN i.latent_id END
   FROM (
     SELECT o.id, CASE WHEN s.value IS NULL THEN coalesce(n.kind, o.kind) ELSE 'contact' END AS kind
     FROM identifier o
     LEFT JOIN unnest($1::text[], $2::text[]) AS n(namespace, kind) ON n.namespace = o.namespace
     LEFT JOIN unnest($3::text[], $4::text[]) AS s(namespace, value)
       ON s.namespace = o.namespace AND s.value = o.value
   ) AS k
   WHERE k.id = i.id`,
);

/** What no record names any more, by the normalisers of now, is nobody. */
const dropUnnamed = statement(
  'resolve.drop_unnamed',
  `UPDATE identifier SET profile_id = NULL WHERE first_at = 'infinity' AND profile_id IS NOT NULL`,
);

const dropStrayMembers = statement(
  'resolve.drop_stray_members',
  `DELETE FROM membership m WHERE NOT EXISTS (SELECT 1 FROM profile p WHERE p.id = m.profile_id)`,
);

const resetCursor = statement(
  'resolve.reset_cursor',
  `UPDATE cursor SET position = 0 WHERE consumer = 'resolve'`,
);

export interface RebuildOptions {
  readonly store: Store;
  readonly room: ResolveRoom;
  /** What is half made then is made anew by whoever resolves next. */
  readonly signal?: AbortSignal;
  /** Events so far, events in all. */
  onProgress?(done: number, all: number): void;
}

/**
 * Must be the only one that resolves. Members stay what they are until all of the log is folded, and are
 * then computed once: nobody leaves or enters an audience on the way.
 */
export async function rebuild(options: RebuildOptions): Promise<void> {
  const { store, room, signal, onProgress } = options;
  onProgress?.(0, await countLog(store));
  await keepRules(store, beingRebuilt);
  await forget(store, room.settings.identity);
  const events = await countLog(store);
  const resolver = createResolver({
    store,
    // From the log alone: it says what was put aside since.
    room: { ...room, ...silent, justCommitted: undefined },
    isPassing: isPassingFailure,
    onBatch: ({ upTo }) => onProgress?.(upTo, events),
  });
  await resolver.drain(signal);
  signal?.throwIfAborted();
  await store.query('background', dropUnnamed);
  await settleEarlierForms(store, room.settings.identity, room.keys);
  await store.query('background', dropStrayMembers);
  await room.audiences.install(store, { everything: true });
  while (!(await room.audiences.compute(store, room.now(), 'rebuild'))) signal?.throwIfAborted();
  await store.transaction('background', (transaction) =>
    room.appendAudit(transaction, [
      {
        kind: 'store.rebuilt',
        at: room.now(),
        actor: 'rebuild',
        details: { events },
      },
    ]),
  );
  await keepRules(store, rulesOf(room.settings));
}

const silent = { evaluate: false, appendAudit: () => Promise.resolve() };

/** @returns true when config or code had changed. Must come before anything resolves. */
export async function rebuildWhenRulesChanged(options: RebuildOptions): Promise<boolean> {
  const { store, room } = options;
  const changed = await rulesChanged(store, room.settings);
  if (changed) await rebuild(options);
  else await keepRules(store, rulesOf(room.settings));
  return changed;
}

async function forget(store: Store, { namespaces }: IdentitySettings): Promise<void> {
  const spaces = [...namespaces.values()];
  const shared = spaces.flatMap((space) => [...space.shared].map((value) => [space.name, value]));
  await store.transaction('resolve', async (transaction) => {
    for (const table of forgetTables) {
      await transaction.query(dynamicStatement('resolve.forget', `DELETE FROM ${table}`));
    }
    await transaction.query(resetIdentifiers, [
      spaces.map(({ name }) => name),
      spaces.map(({ kind }) => kind),
      shared.map(([namespace]) => namespace),
      shared.map(([, value]) => value),
    ]);
    await transaction.query(resetCursor);
  });
}
