import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@tributary/sdk';
import { testSettings } from '../../../test/support/settings.ts';
import { createTraitFold, mostUndeclared, stateOf, type TraitState } from './fold-traits.ts';
import type { ProfileSettings } from './settings.ts';
import { traitSettingsOf } from './trait-settings.ts';

const bare = testSettings().profile;
const declared = traitSettingsOf(bare, 'zz_plan');
const settings: ProfileSettings = { ...bare, traits: new Map([['zz_plan', declared]]) };

const said = (traits: JsonObject, t: number): TraitState =>
  stateOf(traits, { at: t, messageHash: `h${t}`, source: 'web', number: t }, settings);

const join = (states: readonly TraitState[]): TraitState => {
  const fold = createTraitFold(settings);
  for (const state of states) fold.join(state);
  return fold.state();
};

/** @param value null: the traits are deleted. */
const named = (first: number, count: number, value: string | null): JsonObject =>
  Object.fromEntries(
    Array.from({ length: count }, (_, place) => [
      `n${String(first + place).padStart(6, '0')}`,
      value,
    ]),
  );

describe('traits that config does not declare', () => {
  it('are kept up to a number, the first by name; a declared one always stays', () => {
    const state = join([
      said({ zz_plan: 'pro' }, 1),
      said(named(mostUndeclared, 10, 'late'), 2),
      said(named(0, mostUndeclared, 'early'), 3),
    ]);
    const expected = [...Object.keys(named(0, mostUndeclared, 'early')), 'zz_plan'];
    expect(Object.keys(state).sort()).toEqual(expected);
  });

  it('are the same in any order and however they are joined, deletions among them', () => {
    const statement = fc.record({
      first: fc.integer({ min: 0, max: 2_000 }),
      count: fc.integer({ min: 1, max: 900 }),
      deletes: fc.boolean(),
    });
    const worlds = fc
      .array(statement, { minLength: 2, maxLength: 6 })
      .chain((statements) =>
        fc.tuple(
          fc.constant(statements),
          fc.shuffledSubarray([...statements.keys()], { minLength: statements.length }),
          fc.integer({ min: 0, max: statements.length }),
        ),
      );
    fc.assert(
      fc.property(worlds, ([statements, order, cut]) => {
        const states = statements.map(({ first, count, deletes }, place) =>
          said({ ...named(first, count, deletes ? null : `v${place}`), zz_plan: place }, place),
        );
        const shuffled = order.map((place) => states[place] ?? {});
        const halves = [join(shuffled.slice(0, cut)), join(shuffled.slice(cut))];
        expect(join(halves)).toEqual(join(states));
        expect(join([...states, ...states])).toEqual(join(states));
      }),
      { numRuns: 30 },
    );
  });

  it('are told of where some are left out', () => {
    const fold = createTraitFold(settings);
    fold.join(said(named(0, mostUndeclared, 'v'), 1));
    expect(fold.leftOut()).toBe(0);
    fold.join(said(named(mostUndeclared, 500, 'v'), 2));
    expect(fold.leftOut()).toBe(500);
  });

  it('cost by how many there are, not by its square', () => {
    const fold = createTraitFold(settings);
    for (let record = 0; record < 1_000; record += 1) {
      fold.join(said(named(record * 200, 200, 'v'), record));
    }
    expect(Object.keys(fold.state())).toHaveLength(mostUndeclared);
  });
});
