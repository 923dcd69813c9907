// Rules and measures over the worlds of audience-worlds.ts, made at random.
import fc from 'fast-check';
import type { AudienceSettings, Rule } from '../../core/src/audience/rule.ts';
import type { Comparison } from '../../core/src/profile/comparison.ts';
import type { Aggregate, EventSelector, Measure, Window } from '../../core/src/profile/measure.ts';
import { hour, instant, numbers, often, path, scalar, spans, texts } from './audience-worlds.ts';

const bound = fc.constantFrom(...numbers);
const span = fc.constantFrom(...spans);

const comparison: fc.Arbitrary<Comparison> = fc.oneof(
  fc.record({ kind: fc.constant('is' as const), value: scalar }),
  fc.record({ kind: fc.constant('in' as const), values: fc.array(scalar, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('exists' as const), value: fc.boolean() }),
  fc.record(
    {
      kind: fc.constant('number' as const),
      atLeast: bound,
      above: bound,
      atMost: bound,
      below: bound,
    },
    { requiredKeys: ['kind'] },
  ),
  fc.record({
    kind: fc.constantFrom('contains' as const, 'startsWith' as const),
    value: fc.constantFrom(...texts),
  }),
  fc.record({ kind: fc.constant('includes' as const), value: scalar }),
  fc.record(
    { kind: fc.constant('time' as const), after: instant, before: instant },
    { requiredKeys: ['kind'] },
  ),
  fc.record(
    { kind: fc.constant('age' as const), olderThanMs: span, newerThanMs: span },
    { requiredKeys: ['kind'] },
  ),
);

const aged: fc.Arbitrary<Comparison> = fc.record({
  kind: fc.constant('age' as const),
  newerThanMs: span,
});

/** Comparisons that a number or a time can meet. */
const measured: fc.Arbitrary<Comparison> = fc.oneof(
  { weight: 1, arbitrary: comparison },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        kind: fc.constant('number' as const),
        atLeast: fc.integer({ min: 0, max: 4 }),
        below: bound,
      },
      { requiredKeys: ['kind', 'atLeast'] },
    ),
  },
  { weight: 1, arbitrary: aged },
);

const window: fc.Arbitrary<Window> = fc.oneof(
  fc.constant<Window>({ kind: 'ever' }),
  fc
    .tuple(span, fc.constantFrom(0, 0, 1, hour))
    .map(([length, toMs]): Window => ({ kind: 'sliding', fromMs: toMs + length, toMs })),
  fc.record({
    kind: fc.constant('calendar' as const),
    unit: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const),
    timeZone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC'),
  }),
);

const selector: fc.Arbitrary<EventSelector> = fc.record({
  type: often<'track' | 'page'>('track', 'page'),
  name: often<string | undefined>('Added', 'Ordered', undefined, 'Ä'),
  where: fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.record({ path, comparison }), { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.tuple(fc.record({ path, comparison: aged })) },
  ),
});

const aggregate: fc.Arbitrary<Aggregate> = fc.oneof(
  fc.constant<Aggregate>({ kind: 'count' }),
  fc.record({
    kind: fc.constantFrom('sum' as const, 'average' as const, 'min' as const, 'max' as const),
    path,
  }),
  fc.record({ kind: fc.constantFrom('sum' as const, 'average' as const), path }),
  fc.record({ kind: fc.constant('distinct' as const), path }),
  fc.record({
    kind: fc.constantFrom('first' as const, 'last' as const),
    path: fc.option(path, { nil: undefined }),
  }),
  fc.constant<Aggregate>({
    kind: 'score',
    scores: new Map([
      ['Added', '0.1'],
      ['Ordered', '0.2'],
      ['__proto__', '3'],
    ]),
  }),
);

export const measure: fc.Arbitrary<Measure> = fc.record({
  events: fc.array(selector, { minLength: 1, maxLength: 3 }),
  window,
  aggregate,
});

function rule(depth: number, audiences: readonly string[]): fc.Arbitrary<Rule> {
  const leaf: fc.Arbitrary<Rule> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('trait' as const), path, comparison }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('measure' as const),
        measure,
        comparison: measured,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('identifier' as const),
        namespace: fc.constantFrom('email', 'phone', 'anonymous_id'),
      }),
    },
    ...(audiences.length === 0
      ? []
      : [
          {
            weight: 2,
            arbitrary: fc.record({
              kind: fc.constant('audience' as const),
              name: fc.constantFrom(...audiences),
            }),
          },
        ]),
  );
  if (depth === 0) return leaf;
  const part = rule(depth - 1, audiences);
  return fc.oneof(
    { weight: 2, arbitrary: leaf },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('all' as const, 'any' as const),
        rules: fc.array(part, { maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('not' as const), rule: part }) },
  );
}

/** Up to four audiences, the later ones naming the earlier. */
export const audiences: fc.Arbitrary<AudienceSettings[]> = fc
  .tuple(rule(2, []), rule(2, ['a0']), rule(2, ['a0', 'a1']), rule(1, ['a1', 'a2']))
  .map((rules) => rules.map((made, place) => ({ name: `a${place}`, title: '', rule: made })));

export const moment: fc.Arbitrary<number> = fc
  .tuple(instant, fc.constantFrom(0, ...spans), fc.constantFrom(-1, 0, 1))
  .map(([at, later, off]) => at + later + off);
