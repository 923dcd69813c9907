// Time passes for audiences however much there is to resolve, and never further than the log is resolved.
import { expect, test } from 'vitest';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import type { AudienceEngine } from '../audience/engine.ts';
import type { Store } from '../store/store.ts';
import { createResolveLoop, type ResolveLoop } from './loop.ts';
import type { Resolver } from './resolver.ts';

const start = Date.UTC(2026, 5, 1, 9);
const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Busy {
  readonly loop: ResolveLoop;
  readonly ticks: number[];
  progress: number;
}

/** A log to which somebody adds as fast as it is resolved; each batch takes 100 ms. */
function keepBusy(batches: number, oldest: (now: number) => number | undefined): Busy {
  const clock = createManualClock(start);
  const ticks: number[] = [];
  const resolver: Resolver = {
    async drain(_signal, between) {
      for (let batch = 0; batch < batches; batch += 1) {
        await clock.advance(100);
        await between?.();
      }
      return batches;
    },
    lag: async () => ({ events: 1, oldestReceivedAt: oldest(clock.now()) }),
  };
  const audiences: Pick<AudienceEngine, 'tick' | 'compute'> = {
    tick: async (_store, now) => {
      ticks.push(now - start);
      return { evaluated: 1, changed: new Set() };
    },
    compute: async () => true,
  };
  const busy: Busy = {
    ticks,
    progress: 0,
    loop: createResolveLoop({
      store: undefined as unknown as Store,
      resolver,
      audiences,
      clock,
      random: () => 0.5,
      log: silent,
      prepare: async () => undefined,
      onProgress: () => (busy.progress += 1),
      tickEveryMs: 500,
    }),
  };
  return busy;
}

async function runUntil(busy: Busy, ticks: number): Promise<void> {
  busy.loop.start();
  await expect.poll(() => busy.ticks.length).toBeGreaterThanOrEqual(ticks);
  await busy.loop.halt();
}

test('time passes between batches, as often as it is looked at', async () => {
  const busy = keepBusy(21, () => undefined);
  await runUntil(busy, 5);
  expect(busy.ticks.slice(0, 4)).toEqual([500, 1_000, 1_500, 2_000]);
  expect(busy.progress).toBeGreaterThanOrEqual(4);
});

test('no further than to the first record that waits: it may say otherwise', async () => {
  const busy = keepBusy(21, (now) => now - 300);
  await runUntil(busy, 5);
  expect(busy.ticks.slice(0, 4)).toEqual([200, 700, 1_200, 1_700]);
});

test('not at all while the log is far behind, e.g. after the hub was away', async () => {
  const busy = keepBusy(21, (now) => now - 61_000);
  await runUntil(busy, 1);
  expect(busy.ticks[0]).toBe(2_100);
});
