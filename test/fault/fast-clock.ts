// A clock that runs so many times faster than the machine's, sleeps included.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@tributary/sdk';

export function createFastClock(start: number, times: number): Clock {
  const began = performance.now();
  return {
    now: () => Math.floor(start + (performance.now() - began) * times),
    sleep: (milliseconds, signal) =>
      sleep(Math.ceil(milliseconds / times), undefined, signal ? { signal } : {}),
  };
}
