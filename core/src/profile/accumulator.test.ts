import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '@tributary/sdk';
import {
  accumulatorOf,
  joinAccumulators,
  readAccumulator,
  type Contribution,
} from './accumulator.ts';
import { mergePolicies, type MergePolicy, type TraitSettings } from './settings.ts';

const settingsOf = (merge: MergePolicy, limit = 100): TraitSettings => ({
  name: 'x',
  type: undefined,
  merge,
  sources: ['crm', 'web'],
  limit,
  standardise: 'none',
  categories: undefined,
});

const said = (v: JsonValue, t: number, s = 'web', h = `h${t}`): Contribution => ({
  v,
  t,
  h,
  s,
  n: t,
});

function fold(
  contributions: readonly Contribution[],
  settings: TraitSettings,
): JsonValue | undefined {
  const accumulators = contributions.map((one) => accumulatorOf(one, settings));
  const joined = accumulators.reduce((left, right) => joinAccumulators(left, right, settings));
  return readAccumulator(joined, settings)?.value;
}

describe('a trait folded by its merge policy', () => {
  it.each<[MergePolicy, Contribution[], JsonValue | undefined]>([
    ['latest', [said('a', 2), said('b', 1)], 'a'],
    ['latest', [said('a', 1), said(null, 2)], undefined],
    ['latest', [said('a', 3), said(null, 2)], 'a'],
    ['oldest', [said('a', 2), said('b', 1)], 'b'],
    ['oldest', [said('a', 1), said(null, 2), said('b', 3)], 'b'],
    ['max', [said(9, 1), said(10, 2), said(2, 3)], 10],
    ['min', [said(9, 1), said(10, 2), said(2, 3)], 2],
    ['most_frequent', [said('a', 1), said('b', 2), said('a', 3), said('b', 4), said('a', 5)], 'a'],
    ['union', [said(['b'], 1), said(['a', 'b'], 2), said('c', 3)], ['a', 'b', 'c']],
    ['source_priority', [said('web', 9, 'web'), said('crm', 1, 'crm')], 'crm'],
    ['source_priority', [said('web', 1, 'web'), said(null, 2, 'crm')], 'web'],
    ['source_priority', [said('x', 1, 'other'), said('y', 2, 'another')], 'y'],
  ])('%s of %j is %j', (merge, contributions, expected) => {
    expect(fold(contributions, settingsOf(merge))).toEqual(expected);
  });

  it('a value said again after a deletion counts, one that was not does not', () => {
    const contributions = [said('a', 1), said('b', 2), said(null, 3), said('a', 4)];
    expect(fold(contributions, settingsOf('union'))).toEqual(['a']);
  });

  it('breaks a tie in time by the message, never by arrival', () => {
    const left = said('a', 5, 'web', 'h1');
    const right = said('b', 5, 'web', 'h2');
    for (const merge of ['latest', 'oldest', 'source_priority'] as const) {
      const settings = settingsOf(merge);
      expect(fold([left, right], settings)).toEqual(fold([right, left], settings));
    }
  });

  it('keeps the extreme value when there are more values than the bound', () => {
    const contributions = Array.from({ length: 50 }, (_, index) => said(index, index));
    expect(fold(contributions, settingsOf('max', 3))).toBe(49);
    expect(fold(contributions, settingsOf('min', 3))).toBe(0);
  });
});

describe('more values than are kept', () => {
  const many = Array.from({ length: 1_500 }, (_, index) => said(`z${index}`, index + 10));

  it('cost the first one not its place', () => {
    expect(fold([said('a', 1), ...many], settingsOf('oldest'))).toBe('a');
    expect(fold([...many, said('a', 1)], settingsOf('oldest'))).toBe('a');
  });

  it('cost the most frequent one not its place, up to a thousand', () => {
    const often = Array.from({ length: 3 }, (_, index) => said('a', index + 1));
    const settings = settingsOf('most_frequent');
    expect(fold([...often, ...many.slice(0, 900)], settings)).toBe('a');
  });

  it('leave a union those that were said last', () => {
    const order = [said('c', 1), said('b', 2), said('a', 3)];
    expect(fold(order, settingsOf('union', 2))).toEqual(['a', 'b']);
    expect(fold(order.toReversed(), settingsOf('union', 2))).toEqual(['a', 'b']);
  });

  it('take no place in a union once they are deleted', () => {
    const [before, deletion, after] = [said(['y', 'z'], 1), said(null, 2), said(['a'], 3)];
    for (const order of [
      [before, deletion, after],
      [after, deletion, before],
      [before, after, deletion],
    ]) {
      expect(fold(order, settingsOf('union', 2))).toEqual(['a']);
    }
  });
});

const contribution = fc
  .record({
    v: fc.constantFrom<JsonValue>('a', 'b', 'c', 1, 2, 10, null, ['a', 'z'], true),
    t: fc.integer({ min: 1, max: 5 }),
    s: fc.constantFrom('web', 'crm', 'shop'),
  })
  .map((one) => one);

describe('folding', () => {
  it.each(mergePolicies)('%s gives the same in any order and grouping', (merge) => {
    fc.assert(
      fc.property(
        fc.array(contribution, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.nat()),
        (worlds, limit, dice) => {
          const settings = settingsOf(merge, limit);
          const all = worlds.map((one, index) => ({ ...one, h: `h${index}`, n: index }));
          const shuffled = [...all]
            .map((one) => ({ one, key: dice.next().value as number }))
            .sort((left, right) => left.key - right.key)
            .map(({ one }) => one);
          const cut = Math.floor(shuffled.length / 2);
          const join = (part: Contribution[]) =>
            part
              .map((one) => accumulatorOf(one, settings))
              .reduce((left, right) => joinAccumulators(left, right, settings));
          const halves = [shuffled.slice(0, cut), shuffled.slice(cut)].filter(
            (part) => part.length > 0,
          );
          const grouped = halves
            .map(join)
            .reduce((left, right) => joinAccumulators(right, left, settings));
          expect(grouped).toEqual(join(all));
          expect(readAccumulator(grouped, settings)?.value).toEqual(fold(all, settings));
        },
      ),
      { numRuns: 300 },
    );
  });
});
