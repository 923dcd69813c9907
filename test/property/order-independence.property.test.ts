// Whatever the order, the doubles, the requests and the batches: people, profiles, consents and
// audiences are what a plain computation over the same records foretells, and a rebuild leaves them so.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eachStore, withCleanStore } from '../support/stores.ts';
import { arrivals, plainArrival } from './arrival.ts';
import { checkRebuild, checkWorld } from './check-world.ts';
import { worlds } from './world.ts';

const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 60);

eachStore('same facts, same result', (open) => {
  const cleanStore = withCleanStore(open);

  it(
    'in any order, with doubles, in any batches, and after a rebuild',
    { timeout: 600_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(worlds, arrivals, async (world, arrival) => {
          await checkRebuild(await cleanStore(), world, arrival);
        }),
        { numRuns },
      );
    },
  );

  it('and at once, as the records happened', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        await checkWorld(await cleanStore(), world, plainArrival);
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
    expect.hasAssertions();
  });
});
