// A plan holds for what it was made for, and for no more than it said.
import { expect, test } from 'vitest';
import fc from 'fast-check';
import type { DestinationEffect, ListEffect } from './destination-effect.ts';
import { findDrift } from './drift.ts';
import { defaultTolerance, isSealed, sealPlan, type ChangePlan } from './plan.ts';

const none = { added: [], changed: [], removed: [] };

function plan(change: Partial<ChangePlan> = {}): ChangePlan {
  return sealPlan({
    madeAt: '2026-01-31T12:00:00.000Z',
    running: 'config-now',
    next: 'config-then',
    restart: [],
    sources: none,
    destinations: none,
    audiences: none,
    computed: none,
    rules: [],
    moves: [],
    effects: [effect()],
    tolerance: defaultTolerance,
    ...change,
  });
}

function effect(change: Partial<DestinationEffect> = {}): DestinationEffect {
  return {
    destination: 'mail',
    lists: [list()],
    newlyShown: 100,
    fields: { added: ['identifier email (primary)'], removed: [] },
    members: 1_000,
    unreachable: 0,
    withheld: 0,
    purposes: [],
    calls: 2,
    ...change,
  };
}

function list(change: Partial<ListEffect> = {}): ListEffect {
  const counts = { present: 1_000, added: 400, updated: 0, removed: 40, calls: 2 };
  return { list: 'Readers', audiences: ['readers'], ...counts, ...change };
}

const withList = (change: Partial<ListEffect>): Partial<ChangePlan> => ({
  effects: [effect({ lists: [list(change)] })],
});
const guard = { code: 'MASS_REMOVAL', message: 'too many' };

test.each<[string, Partial<ChangePlan>, RegExp]>([
  ['the hub goes by another config', { running: 'another' }, /^The hub goes by another config/],
  ['the file is another one', { next: 'another' }, /^The config file, or a secret/],
  [
    'people would be made anew',
    { peopleAnew: { events: 5, seconds: 1 } },
    /^People would be made anew/,
  ],
  ['more would be added', withList({ added: 421 }), /list Readers: added: 400 .* 421 now/],
  ['more would be removed', withList({ removed: 51 }), /list Readers: removed: 40 .* 51 now/],
  ['more would be shown', { effects: [effect({ newlyShown: 111 })] }, /newly shown: 100 .* 111/],
  ['a guard would stop it', withList({ guard }), /list Readers: a guard .*\(MASS_REMOVAL\)/],
  [
    'a field would leave',
    { effects: [effect({ fields: { added: ['profiles'], removed: [] } })] },
    /newly leaving, and not planned: profiles\.$/,
  ],
])('drifts where %s', (_title, change, reason) => {
  expect(findDrift(plan(), plan(change))).toEqual([expect.stringMatching(reason)]);
});

test.each<[string, Partial<ChangePlan>]>([
  ['nothing has changed', {}],
  ['as much more comes as is tolerated', withList({ added: 420, removed: 50 })],
  ['less would happen', withList({ added: 0, removed: 0 })],
  ['a destination is not concerned any more', { effects: [] }],
  ['it was made at another time', { madeAt: '2026-02-01T00:00:00.000Z' }],
])('holds where %s', (_title, change) => {
  expect(findDrift(plan(), plan(change))).toEqual([]);
});

test('tolerates nobody at a destination that was not planned', () => {
  const quiet = { newlyShown: 0, fields: { added: [], removed: [] } };
  const one = effect({ ...quiet, lists: [list({ added: 1, removed: 0 })] });
  expect(findDrift(plan({ effects: [] }), plan({ effects: [one] }))).toEqual([
    'destination mail: list Readers: added: 0 were planned, it would be 1 now.',
  ]);
});

test('the guard and the fold that were planned are no drift', () => {
  const change = { ...withList({ guard }), peopleAnew: { events: 5, seconds: 1 } };
  expect(findDrift(plan(change), plan(change))).toEqual([]);
});

test('more is drift exactly where it is beyond the larger of share and people', () => {
  const count = fc.nat({ max: 100_000 });
  fc.assert(
    fc.property(
      count,
      count,
      fc.nat({ max: 50 }),
      fc.nat({ max: 100 }),
      (was, is, people, percent) => {
        const tolerance = { people, share: percent / 100 };
        const before = plan({ ...withList({ added: was }), tolerance });
        const isMore = is > was + people && is > was + Math.ceil(was * tolerance.share);
        expect(findDrift(before, plan(withList({ added: is })))).toHaveLength(isMore ? 1 : 0);
      },
    ),
  );
});

test('a plan that somebody has edited is not what was sealed', () => {
  const made = plan();
  expect(isSealed(made)).toBe(true);
  expect(isSealed(JSON.parse(JSON.stringify(made)) as ChangePlan)).toBe(true);
  expect(isSealed({ ...made, tolerance: { share: 1, people: 10 } })).toBe(false);
});
