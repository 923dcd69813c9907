// A clock that runs so many times faster than the machine's, sleeps included. Two processes that are
// given the same beginning agree on the time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@tributary/sdk';

/** @param began when it showed the time of the machine; milliseconds since 1970. */
export function createFastClock(began: number, times: number): Clock {
  return {
    now: () => Math.floor(began + (Date.now() - began) * times),
    sleep: (milliseconds, signal) =>
      sleep(Math.ceil(milliseconds / times), undefined, signal ? { signal } : {}),
  };
}
