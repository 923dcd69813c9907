// Whatever the order, the doubles, the requests and the batches: people, profiles, consents and
// audiences are what a plain computation over the same records foretells, and a rebuild leaves them so.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testKeys } from '../support/settings.ts';
import { eachStore, withCleanStore } from '../support/stores.ts';
import { arrivals, plainArrival } from './arrival.ts';
import { checkRebuild, checkWorld } from './check-world.ts';
import { countFeatures } from './features.ts';
import { holds } from './holds.ts';
import { knownWorlds } from './known-worlds.ts';
import { worlds } from './world.ts';

const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 60);
const timeout = 60_000 + 2_000 * numRuns;
const counted = countFeatures(testKeys.messageHash);

eachStore('same facts, same result', (open) => {
  const cleanStore = withCleanStore(open);

  it.each(knownWorlds)('where %s', async (_name, world, arrival) => {
    await checkRebuild(await cleanStore(), world, arrival);
    await checkWorld(await cleanStore(), world, plainArrival);
    expect.hasAssertions();
  });

  it('in any order, with doubles, in any batches, and after a rebuild', { timeout }, async () => {
    const property = fc.asyncProperty(worlds, arrivals, async (world, arrival) => {
      counted.note(world);
      await checkRebuild(await cleanStore(), world, arrival);
    });
    await expect(holds(property, { numRuns, timeout })).resolves.toBeUndefined();
  });

  it('and at once, as it was told', { timeout }, async () => {
    const property = fc.asyncProperty(worlds, async (world) => {
      counted.note(world);
      await checkWorld(await cleanStore(), world, plainArrival);
    });
    const runs = Math.ceil(numRuns / 4);
    await expect(holds(property, { numRuns: runs, timeout })).resolves.toBeUndefined();
  });
});

describe('the worlds of these properties', () => {
  it('are hard: each trouble is in a fifth of them at least', { timeout }, () => {
    for (const world of fc.sample(worlds, 200)) counted.note(world);
    const shares = counted.shares();
    const lines = Object.entries(shares).map(([name, share]) => `${percent(share)} ${name}`);
    console.info(`worlds with\n${lines.join('\n')}`);
    const rare = Object.entries(shares).filter(([, share]) => share < 0.2);
    expect(rare).toEqual([]);
  });
});

function percent(share: number): string {
  return `${String(Math.round(share * 100)).padStart(4)} %`;
}
