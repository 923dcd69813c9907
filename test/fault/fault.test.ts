// A short run of the fault harness on each store. `npm run fault` is the long one.
import { expect, test } from 'vitest';
import { hasService } from '../support/services.ts';
import { commitPoints, failpoints, passagePoints } from './failpoints.ts';
import type { StoreKind } from './ground.ts';
import type { Life } from './lives.ts';
import { runFaults } from './run.ts';

const slowMachine = { timeout: 300_000 };
const seed = 20_240;

/** Where it hurts most, with what goes wrong besides drawn by the seed. */
const lives: readonly Life[] = [
  { at: 'intake-stops:during', nth: 3 },
  { at: 'claim-state:after', nth: 1 },
  { at: 'call-left', nth: 2 },
  { at: 'resolve:before', nth: 4 },
  undefined,
].map((place) => ({
  place,
  way: 'run',
  // With a place, reached only on a machine that has much else to do.
  afterMs: place === undefined ? 2_000 : 20_000,
  trouble: { kind: 'none' },
}));

const stores = [
  'embedded',
  ...((await hasService('postgres')) ? (['server'] as const) : []),
] as const;

test.each<StoreKind>(stores)(
  '%s store: five kills lose, repeat and invent nothing',
  slowMachine,
  async (store) => {
    const figures = await runFaults({ store, seed, kills: lives.length, lives, mostPeople: 60 });
    expect(figures.complaints).toEqual([]);
    expect(figures.unlisted).toEqual([]);
    expect(figures.killsAtFailpoints).toBeGreaterThanOrEqual(3);
    expect(figures.acknowledged).toBeGreaterThan(50);
    expect(figures.pushes).toBeGreaterThan(10);
  },
);

test('the table of failpoints names each once', () => {
  const names = [...commitPoints, ...passagePoints].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(failpoints).size).toBe(failpoints.length);
  const marks = commitPoints.flatMap((point) => point.marks);
  expect(new Set(marks).size).toBe(marks.length);
});
