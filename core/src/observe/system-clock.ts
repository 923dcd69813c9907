// The one clock of the process. Everything else is handed a clock, so that a test can move it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@tributary/sdk';

export const systemClock: Clock = {
  // oxlint-disable-next-line no-restricted-properties -- here and nowhere else
  now: () => Date.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal ? { signal } : {}),
};
