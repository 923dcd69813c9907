// People made anew from the log while the hub runs, though nothing has changed: the same config goes into a
// next generation, whose loop begins with it as it does after a changed rule.
import { hasHeardFrom } from '../intake/heard-from.ts';
import type { FoldProgress } from '../resolve/create-line.ts';
import { beingRebuilt, keepRules, rulesOf } from '../resolve/rules-of-folding.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import type { Store } from '../store/store.ts';
import type { Generation } from './generation.ts';
import { handOver } from './hand-over.ts';
import type { ChangeGround } from './reconfigure.ts';
import { ChangeRefused } from './refused.ts';

const askEveryMs = 200;
const worksElsewhere =
  'Found that another process works on the store, expected this one to. Ask that one.';
const stopsMeanwhile = 'The hub is stopping; people are made anew at its next start.';

/** Throws ChangeRefused where another process works on the store. */
export async function beginAnew<G extends Generation>(ground: ChangeGround<G>): Promise<void> {
  const before = ground.current();
  if (!ground.duty.isHeld) throw new ChangeRefused('CHANGE_REFUSED', [worksElsewhere]);
  const next = ground.compose(before.loaded, before.plugins, {
    generation: before,
    peopleAnew: true,
  });
  const takeOver = ground.prepareDoors(next);
  await keepRules(ground.store, beingRebuilt);
  await handOver({ before, next, takeOver, begin: (generation) => ground.begin(generation) });
}

/**
 * Once the loop before has come to rest, where its change alone made nobody anew. True when some of what it folded
 * may be by its own rules, because one of the sources whose rules change was heard for the first time meanwhile.
 * Does not fail: where the store does not answer, it is the next loop that asks, and its people may have to wait.
 */
export async function mayBeHeardMeanwhile(
  store: Store,
  changed: readonly string[],
  settings: StandardiseSettings,
): Promise<boolean> {
  try {
    if (await hasHeardFrom(store, changed)) return true;
    await keepRules(store, rulesOf(settings));
    return false;
  } catch {
    return true;
  }
}

export interface Watched {
  onProgress(progress: FoldProgress): void;
  /** The hub is stopping. */
  isOver(): boolean;
}

/** Whichever generation does it: a change meanwhile begins it anew. Throws ChangeRefused where the hub stops. */
export async function waitUntilMade<G extends Generation>(
  ground: Pick<ChangeGround<G>, 'current' | 'clock'>,
  watched: Watched,
): Promise<void> {
  while (!watched.isOver()) {
    const generation = ground.current();
    const progress = generation.folding();
    if (progress) watched.onProgress(progress);
    const pause = ground.clock.sleep(askEveryMs).then(() => false);
    const made = generation.loop.prepared.then(() => true);
    if ((await Promise.race([made, pause])) && ground.current() === generation) return;
  }
  throw new ChangeRefused('CHANGE_REFUSED', [stopsMeanwhile]);
}
