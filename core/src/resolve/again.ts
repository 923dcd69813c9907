// A work of many steps, hours long, must not be lost to one step that took too long: the step is done again.
import type { Clock } from '@tributary/sdk';
import { isOutOfTime, isStoreError } from '../store/errors.ts';

/** Does a step until it succeeds, or has failed too often, or fails for good. */
export type Again = <T>(step: () => Promise<T>) => Promise<T>;

export interface AgainOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal?: AbortSignal | undefined;
  /** How far a step that is itself of many has come: failures before do not count against it. */
  progress?(): number;
}

/** With the pauses between them some six minutes. */
const mostFailures = 20;
const backoffCapMs = 30_000;

export function createAgain({ clock, signal, progress = () => 0 }: AgainOptions): Again {
  return async (step) => {
    let reached = progress();
    for (let failures = 1; ; failures += 1) {
      signal?.throwIfAborted();
      try {
        return await step();
      } catch (error) {
        if (progress() > reached) failures = 1;
        reached = progress();
        if (failures >= mostFailures || !maySucceedLater(error)) throw error;
      }
      await clock.sleep(Math.min(backoffCapMs, 100 * 2 ** failures), signal);
    }
  };
}

/** Not where the store was closed or another process works on it by now: that one goes on. */
function maySucceedLater(error: unknown): boolean {
  if (isOutOfTime(error) || isStoreError(error, 'STORE_UNAVAILABLE')) return true;
  return isStoreError(error) && error.sqlState?.startsWith('40') === true;
}
