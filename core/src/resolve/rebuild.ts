// Makes people, facts, consents and audiences again from the log, by the code and config of now. What
// is a fact about the outside (ledger, actions, checkpoints, audit log) stays as it is.
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
  'login',
  'device_span',
  'contact',
  'fact',
  'subject_state',
  'profile',
  'consent_entry',
  'erasure',
];

/** Each on its own again, as if just named; `last_at` stays, so that an erasure on the way deletes none. */
const resetIdentifiers = statement(
  'resolve.reset_identifiers',
  `UPDATE identifier SET component = id, first_at = 'infinity',
     profile_id = CASE WHEN kind <> 'contact' THEN latent_id END`,
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
  await forget(store);
  const events = await countLog(store);
  const resolver = createResolver({
    store,
    room: { ...room, evaluate: false, appendAudit: () => Promise.resolve() },
    isPassing: isPassingFailure,
    onBatch: ({ upTo }) => onProgress?.(upTo, events),
  });
  await resolver.drain(signal);
  signal?.throwIfAborted();
  await store.query('background', dropUnnamed);
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

/** @returns true when config or code had changed. Must come before anything resolves. */
export async function rebuildWhenRulesChanged(options: RebuildOptions): Promise<boolean> {
  const { store, room } = options;
  const changed = await rulesChanged(store, room.settings);
  if (changed) await rebuild(options);
  else await keepRules(store, rulesOf(room.settings));
  return changed;
}

async function forget(store: Store): Promise<void> {
  await store.transaction('resolve', async (transaction) => {
    for (const table of forgetTables) {
      await transaction.query(dynamicStatement('resolve.forget', `DELETE FROM ${table}`));
    }
    await transaction.query(resetIdentifiers);
    await transaction.query(resetCursor);
  });
}
