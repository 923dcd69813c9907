// Makes people, facts, consents and audiences again from the log, by the code and config of now. What
// is a fact about the outside (ledger, actions, checkpoints, audit log) stays as it is.
import type { Clock } from '@tributary/sdk';
import { settleEarlierForms } from '../identity/earlier-forms.ts';
import { systemClock } from '../observe/system-clock.ts';
import { isPassingFailure } from '../store/errors.ts';
import { statement, type Store } from '../store/store.ts';
import { createAgain, type Again } from './again.ts';
import { countLog } from './count-log.ts';
import { eachIdentifier, eachSlice, forgetFolded, sliceSizes } from './forget-folded.ts';
import { createResolver } from './resolver.ts';
import type { ResolveRoom } from './room.ts';
import { beingRebuilt, keepRules, rulesChanged, rulesOf } from './rules-of-folding.ts';

/** What no record names any more, by the normalisers of now, is nobody. $1, $2: after this id, at most so many. */
const dropUnnamed = statement(
  'resolve.drop_unnamed',
  `WITH slice AS (
     SELECT id FROM identifier WHERE id > $1::bigint ORDER BY id LIMIT $2
   ), dropped AS (
     UPDATE identifier i SET profile_id = NULL FROM slice
     WHERE i.id = slice.id AND i.first_at = 'infinity' AND i.profile_id IS NOT NULL
   )
   SELECT max(id) AS last FROM slice`,
);

/** $1, $2: after this audience and profile; $3: at most so many. */
const dropStrayMembers = statement(
  'resolve.drop_stray_members',
  `WITH slice AS (
     SELECT audience, profile_id FROM membership WHERE (audience, profile_id) > ($1, $2::uuid)
     ORDER BY audience, profile_id LIMIT $3
   ), dropped AS (
     DELETE FROM membership m USING slice
     WHERE m.audience = slice.audience AND m.profile_id = slice.profile_id
       AND NOT EXISTS (SELECT 1 FROM profile p WHERE p.id = slice.profile_id)
   )
   SELECT audience, profile_id FROM slice ORDER BY audience DESC, profile_id DESC LIMIT 1`,
);

export interface RebuildOptions {
  readonly store: Store;
  readonly room: ResolveRoom;
  /** What is half made then is made anew by whoever resolves next. */
  readonly signal?: AbortSignal;
  /** Default: the system's. */
  readonly clock?: Pick<Clock, 'sleep'>;
  /** Before anything is emptied, each time it is begun: the highest number of the log. Repeated until it succeeds. */
  beforeFolding?(last: number): Promise<void>;
  /** Events so far, events in all. */
  onProgress?(done: number, all: number): void;
}

/**
 * Must be the only one that resolves. Members stay what they are until all of the log is folded, and are
 * then computed once: nobody leaves or enters an audience on the way.
 */
export async function rebuild(options: RebuildOptions): Promise<void> {
  const { store, room, signal, clock = systemClock, beforeFolding, onProgress } = options;
  let reached = 0;
  const again = createAgain({ clock, signal, progress: () => reached });
  const last = await countLog(store);
  onProgress?.(0, last);
  await keepRules(store, beingRebuilt);
  await again(async () => beforeFolding?.(last));
  await forgetFolded(store, room.settings.identity, again);
  const events = await countLog(store);
  const resolver = createResolver({
    store,
    // From the log alone: it says what was put aside since.
    room: { ...room, ...silent, justCommitted: undefined },
    isPassing: isPassingFailure,
    onBatch({ upTo }) {
      reached = upTo;
      onProgress?.(upTo, events);
    },
  });
  // The same resolver goes on where it stood: it knows which record took too long how often.
  await again(() => resolver.drain(signal));
  signal?.throwIfAborted();
  await eachIdentifier(store, dropUnnamed, again);
  const forms = { store, settings: room.settings.identity, keys: room.keys };
  await eachSlice(store, again, (after, most) => settleEarlierForms(forms, after, most));
  await dropStrays(store, again);
  await again(() => room.audiences.install(store, { everything: true }));
  while (!(await again(() => room.audiences.compute(store, room.now(), 'rebuild'))));
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

/** Members of whom nothing is left. */
async function dropStrays(store: Store, again: Again): Promise<void> {
  const { rows } = sliceSizes[store.kind];
  let after = { audience: '', profile_id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const given = [after.audience, after.profile_id, rows];
    const [last] = await again(() =>
      store.query<{ audience: string; profile_id: string }>('background', dropStrayMembers, given),
    );
    if (last === undefined) return;
    after = last;
  }
}
