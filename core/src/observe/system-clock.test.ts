// Timers of the platform know 24.8 days at most; the hub's durations are longer.
import { expect, test } from 'vitest';
import { systemClock } from './system-clock.ts';

test.each([30, 365_000])(
  'a sleep of %i days is not over at once, and is cut short',
  async (days) => {
    const ending = new AbortController();
    const sleep = systemClock.sleep(days * 86_400_000, ending.signal).then(
      () => 'over',
      () => 'cut short',
    );
    await systemClock.sleep(20);
    ending.abort();
    expect(await sleep).toBe('cut short');
  },
);
