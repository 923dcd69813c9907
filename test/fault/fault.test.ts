// A short run of the fault harness on each store. `npm run fault` is the long one.
import { expect, test } from 'vitest';
import { hasService } from '../support/services.ts';
import { commitPoints, failpoints, passagePoints } from './failpoints.ts';
import type { StoreKind } from './ground.ts';
import type { Life } from './lives.ts';
import { runFaults } from './run.ts';

const slowMachine = { timeout: 600_000 };
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
  // With a place it is lived until that is reached.
  afterMs: place === undefined ? 2_000 : undefined,
  trouble: { kind: 'none' },
}));

const stores: readonly StoreKind[] = [
  'embedded',
  ...((await hasService('postgres')) ? (['server'] as const) : []),
];

test.each<StoreKind>(stores)(
  '%s store: five kills lose, repeat and invent nothing',
  slowMachine,
  async (store) => {
    const figures = await runFaults({ store, seed, kills: lives.length, lives, mostPeople: 60 });
    expect(figures.complaints).toEqual([]);
    expect(figures.unlisted).toEqual([]);
    expect(figures.passedAgainstTable).toEqual([]);
    expect(figures.killsAtFailpoints).toBe(4);
    expect(figures.acknowledged).toBeGreaterThan(50);
    expect(figures.owed).toBeGreaterThan(0);
    expect(figures.pushes).toBeGreaterThan(10);
  },
);

test.skipIf(!stores.includes('server'))(
  'two processes on one store: one is killed, the other takes over and is killed as well',
  slowMachine,
  async () => {
    const places = [
      { at: 'resolve:before', nth: 3 },
      { at: 'claim-state:after', nth: 1 },
    ];
    const shared = places.map((place): Life => {
      return { place, way: 'run', afterMs: undefined, trouble: { kind: 'none' } };
    });
    const figures = await runFaults({
      store: 'server',
      processes: 2,
      seed,
      kills: shared.length,
      lives: shared,
      mostPeople: 60,
    });
    expect(figures.complaints).toEqual([]);
    expect(figures.unlisted).toEqual([]);
    expect(figures.killsAtFailpoints).toBe(2);
    expect(figures.acknowledged).toBeGreaterThan(50);
  },
);

test('the table of failpoints names each once', () => {
  const names = [...commitPoints, ...passagePoints].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(failpoints).size).toBe(failpoints.length);
  const marks = commitPoints.flatMap((point) => point.marks);
  expect(new Set(marks).size).toBe(marks.length);
});
