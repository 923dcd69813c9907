// Computed traits as config writes them: `{ sum: total, event: Order Completed, within: 90d }`.
import { Big } from 'big.js';
import type { Aggregate, Measure } from './measure.ts';
import { asMap, asText, checkKeys, isMap, refuse, refuseValue } from './parse-problem.ts';
import type { DocumentPath, ParseProblem, Parsing, YamlMap } from './parse-problem.ts';
import { parsePath, parseSelectors, parseWindow, selectorKeys } from './parse-selector.ts';

export const aggregateKeys = [
  'count',
  'sum',
  'average',
  'min',
  'max',
  'distinct',
  'first',
  'last',
] as const;
export type AggregateKey = (typeof aggregateKeys)[number];

export type ParsedMeasure =
  { readonly measure: Measure } | { readonly problems: readonly ParseProblem[] };

/** `path`: where `value` stands in the document. */
export function parseMeasure(value: unknown, path: DocumentPath): ParsedMeasure {
  const parsing: Parsing = { problems: [] };
  const measure = readMeasure(parsing, path, value);
  return measure === undefined || parsing.problems.length > 0
    ? { problems: parsing.problems }
    : { measure };
}

function readMeasure(parsing: Parsing, path: DocumentPath, value: unknown): Measure | undefined {
  const map = asMap(
    parsing,
    path,
    value,
    'a measure, such as { count: true, event: Order Completed }',
  );
  if (map === undefined) return undefined;
  checkKeys(parsing, path, map, [...aggregateKeys, 'scores', ...selectorKeys]);
  const key = theAggregate(parsing, path, map, [...aggregateKeys, 'scores']);
  const window = parseWindow(parsing, path, map);
  if (key === 'scores') return window && readScores(parsing, path, map, window);
  const events = parseSelectors(parsing, path, map);
  const known = aggregateKeys.find((name) => name === key);
  if (known === undefined) return undefined;
  const aggregate = readAggregate(parsing, [...path, known], known, map[known]);
  return events && window && aggregate && { events, window, aggregate };
}

function theAggregate(
  parsing: Parsing,
  path: DocumentPath,
  map: YamlMap,
  known: readonly string[],
): string | undefined {
  const [key, second] = known.filter((name) => Object.hasOwn(map, name));
  if (key === undefined) {
    return refuse(parsing, path, `found nothing to measure, expected one of ${known.join(', ')}`);
  }
  if (second === undefined) return key;
  return refuse(
    parsing,
    [...path, second],
    `found "${second}" beside "${key}", expected one of them`,
    'Make two computed traits.',
  );
}

function readAggregate(
  parsing: Parsing,
  path: DocumentPath,
  key: AggregateKey,
  value: unknown,
): Aggregate | undefined {
  switch (key) {
    case 'count':
      return value === true
        ? { kind: 'count' }
        : refuseValue(parsing, path, value, 'true', 'Compare it in the rule of an audience.');
    case 'first':
    case 'last': {
      if (value === 'time') return { kind: key, path: undefined };
      const property = readProperty(parsing, path, value, '"time" or the name of a property');
      return property && { kind: key, path: property };
    }
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
    case 'distinct': {
      const property = readProperty(parsing, path, value, 'the name of a property');
      return property && { kind: key, path: property };
    }
  }
}

/** `price`, or `{ of: price }` where a property's name has another meaning. */
function readProperty(
  parsing: Parsing,
  path: DocumentPath,
  value: unknown,
  expected: string,
): string[] | undefined {
  if (!isMap(value)) return parsePath(parsing, path, value, expected);
  checkKeys(parsing, path, value, ['of']);
  return parsePath(parsing, [...path, 'of'], value['of'], expected);
}

const mostScores = 200;

function readScores(
  parsing: Parsing,
  path: DocumentPath,
  map: YamlMap,
  window: Measure['window'],
): Measure | undefined {
  for (const key of ['event', 'page', 'screen', 'where']) {
    if (!Object.hasOwn(map, key)) continue;
    refuse(
      parsing,
      [...path, key],
      `found "${key}" beside "scores", expected the events in the table alone`,
    );
  }
  const table = asMap(
    parsing,
    [...path, 'scores'],
    map['scores'],
    'event names and their scores, such as { Product Viewed: 1 }',
  );
  if (table === undefined) return undefined;
  const entries = Object.entries(table);
  if (entries.length === 0 || entries.length > mostScores) {
    const found = `a table of ${entries.length} events`;
    return refuse(parsing, [...path, 'scores'], `found ${found}, expected 1 to ${mostScores}`);
  }
  const scores = new Map<string, string>();
  for (const [name, score] of entries) {
    const place = [...path, 'scores', name];
    if (typeof score !== 'number' || !Number.isFinite(score)) {
      refuseValue(parsing, place, score, 'a number');
    } else if (asText(parsing, place, name, 'the name of an event') !== undefined) {
      scores.set(name, new Big(score).toFixed());
    }
  }
  const events = [...scores.keys()].map((name) => ({ type: 'track' as const, name, where: [] }));
  return { events, window, aggregate: { kind: 'score', scores } };
}
