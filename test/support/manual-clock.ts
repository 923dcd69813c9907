// A clock that a test moves by hand. Short sleeps end at once and move it; longer ones wait until
// the test has moved it far enough.
import type { Clock } from '@tributary/sdk';

export interface ManualClock extends Clock {
  advance(milliseconds: number): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function createManualClock(start: number, shortMs: number = 0): ManualClock {
  let now = start;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => now,
    sleep(milliseconds, signal) {
      if (signal?.aborted === true) return Promise.reject(abortReason(signal));
      if (milliseconds < shortMs) {
        now += milliseconds;
        return Promise.resolve();
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper: Sleeper = { at: now + milliseconds, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        sleepers.delete(sleeper);
        reject(abortReason(signal));
      });
      return promise;
    },
    async advance(milliseconds) {
      now += milliseconds;
      for (const sleeper of sleepers) {
        if (sleeper.at > now) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
