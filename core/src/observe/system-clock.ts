// The one clock of the process. Everything else is handed a clock, so that a test can move it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@tributary/sdk';

/** A timer of the platform that is set to more ends at once. */
const longestTimerMs = 2_147_483_647;

export const systemClock: Clock = {
  // oxlint-disable-next-line no-restricted-properties -- here and nowhere else
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    const options = signal ? { signal } : {};
    let left = milliseconds;
    for (; left > longestTimerMs; left -= longestTimerMs) {
      await sleep(longestTimerMs, undefined, options);
    }
    await sleep(left, undefined, options);
  },
};
