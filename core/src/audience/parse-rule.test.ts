// Rules as people write them: what they come to mean, and what is said of the mistakes in them.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseMeasure } from '../profile/parse-measure.ts';
import type { Measure } from '../profile/measure.ts';
import { parseRule } from './parse-rule.ts';
import type { Rule } from './rule.ts';

const lifetimeValue: Measure = {
  events: [{ type: 'track', name: 'Order Completed', where: [] }],
  window: { kind: 'ever' },
  aggregate: { kind: 'sum', path: ['total'] },
};
const lastOrder: Measure = { ...lifetimeValue, aggregate: { kind: 'last', path: undefined } };
const computed = new Map([
  ['lifetime_value', lifetimeValue],
  ['last_order_at', lastOrder],
]);

function read(text: string) {
  return parseRule(parse(text), {
    audiences: ['newsletter_readers', 'lapsed'],
    computed,
    namespaces: ['email', 'user_id'],
    path: ['audiences', 'x', 'rule'],
  });
}

function ruleOf(text: string): Rule {
  const parsed = read(text);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.rule;
}

/** `path: message [hint]`, the path from the rule on. */
function problemsOf(text: string): string[] {
  const parsed = read(text);
  if ('rule' in parsed) return [];
  return parsed.problems.map(({ path, message, hint }) => {
    const told = hint === undefined ? '' : ` [${hint}]`;
    return `${path.slice(3).join('.')}: ${message}${told}`;
  });
}

describe('a rule', () => {
  it('an abandoned cart', () => {
    const rule = ruleOf(`
      all:
        - event: Product Added
          within: 30m
          where: { price: { atLeast: 10 }, cart.currency: EUR }
        - not: { event: Order Completed, within: 30m }
    `);
    const window = { kind: 'sliding', fromMs: 1_800_000, toMs: 0 };
    const happened = { kind: 'number', atLeast: 1 };
    expect(rule).toEqual({
      kind: 'all',
      rules: [
        {
          kind: 'measure',
          comparison: happened,
          measure: {
            window,
            aggregate: { kind: 'count' },
            events: [
              {
                type: 'track',
                name: 'Product Added',
                where: [
                  { path: ['price'], comparison: { kind: 'number', atLeast: 10 } },
                  { path: ['cart', 'currency'], comparison: { kind: 'is', value: 'EUR' } },
                ],
              },
            ],
          },
        },
        {
          kind: 'not',
          rule: {
            kind: 'measure',
            comparison: happened,
            measure: {
              window,
              aggregate: { kind: 'count' },
              events: [{ type: 'track', name: 'Order Completed', where: [] }],
            },
          },
        },
      ],
    });
  });

  it.each([
    ['trait: country\nin: [DE, AT]', { kind: 'in', values: ['DE', 'AT'] }],
    ['trait: plan\nis: 1', { kind: 'is', value: 1 }],
    ['trait: plan\nexactly: 1', { kind: 'number', atLeast: 1, atMost: 1 }],
    ['trait: age\nabove: 17\nbelow: 65', { kind: 'number', above: 17, below: 65 }],
    ['trait: phone\nexists: false', { kind: 'exists', value: false }],
    ['trait: name\nstartsWith: Ada', { kind: 'startsWith', value: 'Ada' }],
    ['trait: tags\nincludes: vip', { kind: 'includes', value: 'vip' }],
    ['trait: since\nbefore: 2026-01-31T00:00+01:00', { kind: 'time', before: 1_769_814_000_000 }],
    ['trait: since\nolderThan: 2w', { kind: 'age', olderThanMs: 1_209_600_000 }],
  ])('%s', (text, comparison) => {
    expect(ruleOf(text)).toMatchObject({ kind: 'trait', comparison });
  });

  it('goes down into a trait by dots', () => {
    expect(ruleOf('trait: address.city\nis: Ulm')).toMatchObject({ path: ['address', 'city'] });
  });

  it('computed traits stand for their measure', () => {
    expect(ruleOf('computed: last_order_at\nolderThan: 60d')).toEqual({
      kind: 'measure',
      measure: lastOrder,
      comparison: { kind: 'age', olderThanMs: 5_184_000_000 },
    });
  });

  it('several events, a window between two ages, a sum', () => {
    const rule = ruleOf(
      'event: [A, B]\nbetween: [60m, 30m]\nsum: { of: price, atLeast: 100, below: 200 }',
    );
    expect(rule).toMatchObject({
      comparison: { kind: 'number', atLeast: 100, below: 200 },
      measure: {
        events: [{ name: 'A' }, { name: 'B' }],
        window: { kind: 'sliding', fromMs: 3_600_000, toMs: 1_800_000 },
        aggregate: { kind: 'sum', path: ['price'] },
      },
    });
  });

  it('any page this month in a time zone, the last of which is some time ago', () => {
    expect(
      ruleOf('page: "*"\nthis: month\ntimeZone: Europe/Berlin\nlast: { olderThan: 3d }'),
    ).toMatchObject({
      comparison: { kind: 'age' },
      measure: {
        events: [{ type: 'page', name: undefined }],
        window: { kind: 'calendar', unit: 'month', timeZone: 'Europe/Berlin' },
        aggregate: { kind: 'last', path: undefined },
      },
    });
  });

  it('audiences and identifiers', () => {
    expect(ruleOf('any: [{ audience: lapsed }, { has: email }]')).toEqual({
      kind: 'any',
      rules: [
        { kind: 'audience', name: 'lapsed' },
        { kind: 'identifier', namespace: 'email' },
      ],
    });
  });
});

describe('a mistake in a rule is told with its place, what was found and the nearest word', () => {
  it.each([
    [
      'event: A\nwithn: 30m',
      'withn: found the unknown key "withn", expected one of event, page, screen, where, within, between, this, timeZone, count, sum, average, min, max, distinct, first, last [Did you mean "within"?]',
    ],
    [
      'evnt: A',
      'evnt: found the key "evnt", expected one of all, any, not, event, page, screen, trait, computed, audience, has [Did you mean "event"?]',
    ],
    [
      'event: A\nwithin: 30',
      'within: found the number 30, expected a duration of at most 100 years, such as 90s, 30m, 12h, 7d or 2w [Add the unit: s, m, h, d or w.]',
    ],
    [
      'event: A\nbetween: [30m, 60m]',
      'between: found a window that ends before it begins, expected the longer duration first [Swap the two.]',
    ],
    ['event: A\nwithin: 1d\nthis: day', 'this: found "this" beside "within", expected one window'],
    [
      'event: A\nthis: day',
      'this: found no time zone, expected "timeZone" beside "this" [Add for example `timeZone: Europe/Berlin`.]',
    ],
    [
      'event: A\nthis: day\ntimeZone: Europe/Berln',
      'timeZone: found the text "Europe/Berln", expected a time zone such as Europe/Berlin or UTC [Did you mean "Europe/Berlin"?]',
    ],
    [
      'event: A\nthis: day\ntimeZone: "+01:00"',
      'timeZone: found the text "+01:00", expected a time zone such as Europe/Berlin or UTC',
    ],
    ['event: []', 'event: found a list of 0 names, expected 1 to 200'],
    [
      'event: A\nwhere: { price: { atLest: 1 } }',
      'where.price.atLest: found the unknown key "atLest", expected one of is, in, exists, atLeast, above, atMost, below, exactly, contains, startsWith, includes, after, before, olderThan, newerThan [Did you mean "atLeast"?]',
    ],
    [
      'event: A\nwhere: { price: [1] }',
      'where.price: found a list, expected a value, or a comparison such as { atLeast: 1 }',
    ],
    [
      'event: A\ncount: three',
      'count: found the text "three" to compare a number with, expected a comparison of numbers (atLeast, above, atMost, below, exactly) or exists',
    ],
    [
      'event: A\nlast: { atLeast: 3 }',
      'last.atLeast: found "atLeast" to compare a time with, expected a comparison of times (after, before, olderThan, newerThan) or exists',
    ],
    [
      'event: A\nsum: { atLeast: 3 }',
      'sum.of: found nothing, expected the name of a property, with dots to go down',
    ],
    [
      'trait: country',
      ': found no comparison, expected one of is, in, exists, atLeast, above, atMost, below, exactly, contains, startsWith, includes, after, before, olderThan, newerThan [To ask whether there is a value at all, write `exists: true`.]',
    ],
    [
      'trait: a\natLeast: 1\ncontains: b',
      'contains: found "contains" beside "atLeast", expected one comparison [Write two conditions, joined by `all`.]',
    ],
    ['trait: a\natLeast: "1"', 'atLeast: found the text "1", expected a number'],
    [
      'trait: a\ncontains: 1',
      'contains: found the number 1, expected text [If text is meant, put it in quotes: "1".]',
    ],
    [
      'trait: a\nafter: 2026-01-31',
      'after: found the text "2026-01-31", expected a time with its zone, such as 2026-01-31T00:00:00Z or 2026-01-31T00:00+01:00',
    ],
    [
      'trait: a..b\nis: 1',
      'trait: found the text "a..b", expected the name of a trait, with dots to go down [Take the empty part beside a dot away.]',
    ],
    [
      'computed: lifetime_valu\natLeast: 1',
      'computed: found "lifetime_valu", expected a computed trait, one of lifetime_value, last_order_at [Did you mean "lifetime_value"?]',
    ],
    [
      'computed: lifetime_value\nolderThan: 1d',
      'olderThan: found "olderThan" to compare a number with, expected a comparison of numbers (atLeast, above, atMost, below, exactly) or exists',
    ],
    [
      'audience: lapsd',
      'audience: found "lapsd", expected an audience, one of newsletter_readers, lapsed [Did you mean "lapsed"?]',
    ],
    [
      'has: emial',
      'has: found "emial", expected a namespace, one of email, user_id [Did you mean "email"?]',
    ],
    ['all: []', 'all: found an empty list, expected a list of conditions'],
    ['all: { event: A }', 'all: found a map, expected a list of conditions'],
    [
      'event: A\ntrait: b',
      'trait: found "trait" beside "event", expected one of them [Write two conditions, joined by `all` or `any`.]',
    ],
    [
      'event: A\npage: B',
      'page: found "page" beside "event", expected one of them [Write two conditions, joined by `any`.]',
    ],
    ['not: [1]', 'not: found a list, expected a condition, such as { trait: country, is: DE }'],
    [
      '{}',
      ': found an empty map, expected one of all, any, not, event, page, screen, trait, computed, audience, has',
    ],
    [
      'trait: a\nis: "\\0"',
      'is: found text of over 1000 characters, with a zero character or with half a character, expected plain text',
    ],
  ])('%s', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('all mistakes are told at once', () => {
    const problems = problemsOf(`
      all:
        - event: A
          within: soon
        - any:
            - trait: a
            - has: nobody
    `);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      'all.0.within',
      'all.1.any.0',
      'all.1.any.1.has',
    ]);
  });

  it('a rule without end is refused once', () => {
    let deep: unknown = { has: 'email' };
    for (let level = 0; level < 50; level += 1) deep = { not: deep };
    const wide = { any: Array.from({ length: 5_000 }, () => ({ has: 'email' })) };
    for (const rule of [deep, wide]) {
      const parsed = parseRule(rule, { audiences: [], computed, path: [] });
      expect(parsed).toMatchObject({ problems: [{ hint: expect.stringContaining('audience') }] });
    }
  });
});

describe('a computed trait', () => {
  const measureOf = (text: string) => parseMeasure(parse(text), ['computed', 'x']);

  it.each([
    ['{ sum: total, event: Order Completed }', lifetimeValue],
    ['{ last: time, event: Order Completed }', lastOrder],
    [
      '{ count: true, event: Order Completed, within: 90d }',
      {
        ...lifetimeValue,
        aggregate: { kind: 'count' },
        window: { kind: 'sliding', fromMs: 7_776_000_000, toMs: 0 },
      },
    ],
    [
      '{ last: { of: time }, event: Order Completed }',
      { ...lifetimeValue, aggregate: { kind: 'last', path: ['time'] } },
    ],
    [
      '{ scores: { Viewed: 1, Added: 0.5 }, within: 30d }',
      {
        events: [
          { type: 'track', name: 'Viewed', where: [] },
          { type: 'track', name: 'Added', where: [] },
        ],
        window: { kind: 'sliding', fromMs: 2_592_000_000, toMs: 0 },
        aggregate: {
          kind: 'score',
          scores: new Map([
            ['Viewed', '1'],
            ['Added', '0.5'],
          ]),
        },
      },
    ],
  ])('%s', (text, measure) => {
    expect(measureOf(text)).toEqual({ measure });
  });

  it.each([
    [
      '{ event: A }',
      '',
      'found nothing to measure, expected one of count, sum, average, min, max, distinct, first, last, scores',
    ],
    ['{ count: true }', '', 'found no events, expected one of event, page, screen'],
    ['{ count: 3, event: A }', 'count', 'found the number 3, expected true'],
    ['{ sum: a, min: b, event: A }', 'min', 'found "min" beside "sum", expected one of them'],
    ['{ scores: { A: high } }', 'scores.A', 'found the text "high", expected a number'],
    [
      '{ scores: { A: 1 }, event: A }',
      'event',
      'found "event" beside "scores", expected the events in the table alone',
    ],
    ['[]', '', 'found a list, expected a measure, such as { count: true, event: Order Completed }'],
  ])('%s is refused', (text, place, message) => {
    const parsed = measureOf(text);
    const problems = 'problems' in parsed ? parsed.problems : [];
    expect(problems.map((problem) => [problem.path.slice(2).join('.'), problem.message])).toEqual([
      [place, message],
    ]);
  });
});
