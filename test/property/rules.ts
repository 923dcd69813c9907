// Random audiences and computed traits over what random worlds hold.
import fc from 'fast-check';
import type { AudienceSettings, Rule } from '../../core/src/audience/rule.ts';
import type { Comparison } from '../../core/src/profile/comparison.ts';
import type { Aggregate, EventSelector, Measure, Window } from '../../core/src/profile/measure.ts';
import { day, hour, minute, origin } from './moments.ts';
import { namespaces } from './vocabulary.ts';

export type { Comparison, EventSelector, Measure, Rule, Window };
export type Audience = AudienceSettings;
export interface Computed {
  readonly name: string;
  readonly measure: Measure;
}

const bound = fc.constantFrom(0.1, 0.2, 0.3, 0.3, 0.7, 1, 2);
const numeric: fc.Arbitrary<Comparison> = fc.oneof(
  bound.map((atLeast) => ({ kind: 'number' as const, atLeast })),
  bound.map((above) => ({ kind: 'number' as const, above })),
  bound.map((atMost) => ({ kind: 'number' as const, atMost })),
  bound.map((below) => ({ kind: 'number' as const, below })),
  bound.map((value) => ({ kind: 'is' as const, value })),
);

const scalar = fc.constantFrom<string | number | boolean>('red', 'blue', 'tea', 10, 0.1, true);
const valued: fc.Arbitrary<Comparison> = fc.oneof(
  scalar.map((value) => ({ kind: 'is' as const, value })),
  fc.array(scalar, { maxLength: 3 }).map((values) => ({ kind: 'in' as const, values })),
  fc.boolean().map((value) => ({ kind: 'exists' as const, value })),
  scalar.map((value) => ({ kind: 'includes' as const, value })),
  fc.constantFrom('e', 're', '').map((value) => ({ kind: 'contains' as const, value })),
  numeric,
);

const timely: fc.Arbitrary<Comparison> = fc.oneof(
  fc
    .constantFrom(30 * minute, hour, day)
    .map((olderThanMs) => ({ kind: 'age' as const, olderThanMs })),
  fc
    .constantFrom(30 * minute, hour, day)
    .map((newerThanMs) => ({ kind: 'age' as const, newerThanMs })),
  fc
    .integer({ min: 0, max: 6 })
    .map((step) => ({ kind: 'time' as const, after: origin + step * 10 * minute })),
);

const window: fc.Arbitrary<Window> = fc.oneof(
  fc.constant({ kind: 'ever' as const }),
  fc.record({
    kind: fc.constant('sliding' as const),
    fromMs: fc.constantFrom(30 * minute, hour, day),
    toMs: fc.constantFrom(0, 0, 10 * minute),
  }),
  fc.record({
    kind: fc.constant('calendar' as const),
    unit: fc.constantFrom('day' as const, 'month' as const),
    timeZone: fc.constant('UTC'),
  }),
);

const where = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc
      .record({ path: fc.constantFrom(['item'], ['amount']), comparison: valued })
      .map((condition) => [condition]),
  },
);
const selector: fc.Arbitrary<EventSelector> = fc.oneof(
  fc.record({
    type: fc.constant('track' as const),
    name: fc.constantFrom('Order', 'Order', 'View', undefined),
    where,
  }),
  fc.record({ type: fc.constant('page' as const), name: fc.constant(undefined), where }),
);

const amount = ['amount'];
const scored: Aggregate = {
  kind: 'score',
  scores: new Map([
    ['Order', '0.2'],
    ['View', '0.1'],
  ]),
};
const aggregate = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Aggregate>({ kind: 'count' }) },
  { weight: 5, arbitrary: fc.constant<Aggregate>({ kind: 'sum', path: amount }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Aggregate>(
      { kind: 'average', path: amount },
      { kind: 'min', path: amount },
      { kind: 'max', path: amount },
      { kind: 'distinct', path: ['item'] },
      { kind: 'first', path: ['item'] },
      { kind: 'last', path: ['item'] },
      { kind: 'last', path: undefined },
      { kind: 'first', path: undefined },
      scored,
    ),
  },
);

const tracks = (...names: string[]): EventSelector[] =>
  names.map((name) => ({ type: 'track', name, where: [] }));

const measure: fc.Arbitrary<Measure> = fc
  .record({ events: fc.array(selector, { minLength: 1, maxLength: 2 }), window, aggregate })
  .map((taken) =>
    taken.aggregate.kind === 'score' ? { ...taken, events: tracks('Order', 'View') } : taken,
  );

function comparisonFor({ kind, ...rest }: Aggregate): fc.Arbitrary<Comparison> {
  if (kind !== 'first' && kind !== 'last') return numeric;
  return 'path' in rest && rest.path !== undefined ? valued : timely;
}

const measured: fc.Arbitrary<Rule> = measure.chain((taken) =>
  comparisonFor(taken.aggregate).map((comparison) => ({
    kind: 'measure' as const,
    measure: taken,
    comparison,
  })),
);

const traitNames = ['plan', 'campaign', 'colour', 'tags', 'best', 'least', 'tier', 'other'];
const trait: fc.Arbitrary<Rule> = fc.record({
  kind: fc.constant('trait' as const),
  path: fc.constantFrom(...traitNames).map((name) => [name]),
  comparison: valued,
});
const holds: fc.Arbitrary<Rule> = fc.record({
  kind: fc.constant('identifier' as const),
  namespace: fc.constantFrom(...namespaces.map(({ name }) => name)),
});

const leaf = fc.oneof(
  { weight: 5, arbitrary: measured },
  { weight: 2, arbitrary: trait },
  { weight: 1, arbitrary: holds },
);

function ruleOver(named: readonly string[]): fc.Arbitrary<Rule> {
  const references = named.map((name) => ({ kind: 'audience' as const, name }));
  const atom =
    references.length === 0
      ? leaf
      : fc.oneof(
          { weight: 3, arbitrary: leaf },
          { weight: 1, arbitrary: fc.constantFrom<Rule>(...references) },
        );
  const inner = fc.oneof(
    { weight: 3, arbitrary: atom },
    { weight: 1, arbitrary: atom.map((rule): Rule => ({ kind: 'not', rule })) },
  );
  const list = fc.record({
    kind: fc.constantFrom('all' as const, 'any' as const),
    rules: fc.array(inner, { minLength: 1, maxLength: 3 }),
  });
  return fc.oneof(
    { weight: 2, arbitrary: inner },
    { weight: 1, arbitrary: list },
    { weight: 1, arbitrary: list.map((rule): Rule => ({ kind: 'not', rule })) },
  );
}

const named = (name: string, rule: fc.Arbitrary<Rule>): fc.Arbitrary<Audience> =>
  rule.map((found) => ({ name, title: name, rule: found }));

export const audiences: fc.Arbitrary<Audience[]> = fc.tuple(
  named('first', ruleOver([])),
  named('second', ruleOver(['first'])),
  named('third', ruleOver(['first', 'second'])),
);

const total: Computed = {
  name: 'total',
  measure: {
    events: tracks('Order'),
    window: { kind: 'ever' },
    aggregate: { kind: 'sum', path: amount },
  },
};

/** Shows every event that a window lets in too early or too late. */
const recent: Computed = {
  name: 'recent',
  measure: {
    events: [{ type: 'track', name: undefined, where: [] }],
    window: { kind: 'sliding', fromMs: hour, toMs: 0 },
    aggregate: { kind: 'count' },
  },
};

export const computedTraits: fc.Arbitrary<Computed[]> = measure.map((taken) => [
  total,
  recent,
  { name: 'any', measure: taken },
]);
