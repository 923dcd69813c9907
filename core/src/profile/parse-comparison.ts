// Comparisons as config writes them: `{ atLeast: 10, below: 20 }`, `{ in: [DE, AT] }`, or a bare
// value, which means `is`.
import { parseDuration } from '@tributary/sdk';
import type { Comparison } from './comparison.ts';
import { readTime } from './evaluate-time.ts';
import type { MeasureValueKind } from './measure-value.ts';
import {
  checkKeys,
  describeFound,
  isMap,
  isStorable,
  quote,
  refuse,
  refuseUnstorable,
  refuseValue,
} from './parse-problem.ts';
import type { DocumentPath, Parsing, YamlMap } from './parse-problem.ts';

/** Keys that make up one comparison together. */
const families = {
  is: ['is'],
  in: ['in'],
  exists: ['exists'],
  number: ['atLeast', 'above', 'atMost', 'below'],
  exactly: ['exactly'],
  contains: ['contains'],
  startsWith: ['startsWith'],
  includes: ['includes'],
  time: ['after', 'before'],
  age: ['olderThan', 'newerThan'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type Family = keyof typeof families;

export const comparisonKeys: readonly string[] = Object.values(families).flat();

/** What is compared: a trait's or property's value (`json`), or what a measure yields. */
export type ComparedKind = MeasureValueKind;

/** A value that stands alone means `is`; a map is made of comparison keys alone. */
export function parseComparison(
  parsing: Parsing,
  path: DocumentPath,
  value: unknown,
  compared: ComparedKind,
): Comparison | undefined {
  if (!isMap(value)) {
    const scalar = parseScalar(
      parsing,
      path,
      value,
      'a value, or a comparison such as { atLeast: 1 }',
    );
    return scalar === undefined
      ? undefined
      : checkCompared(
          parsing,
          path,
          { kind: 'is', value: scalar },
          compared,
          describeFound(scalar),
        );
  }
  return parseComparisonKeys(parsing, path, value, compared, []);
}

/** The comparison among the keys of a map, which may have these others. */
export function parseComparisonKeys(
  parsing: Parsing,
  path: DocumentPath,
  map: YamlMap,
  compared: ComparedKind,
  others: readonly string[],
): Comparison | undefined {
  const known = checkKeys(parsing, path, map, [...others, ...comparisonKeys]);
  const keys = Object.keys(map).filter((key) => comparisonKeys.includes(key));
  const [first] = keys;
  if (first === undefined) {
    if (!known) return undefined; // a comparison was meant, and is told of
    return refuse(
      parsing,
      path,
      `found no comparison, expected one of ${comparisonKeys.join(', ')}`,
      compared === 'json'
        ? 'To ask whether there is a value at all, write `exists: true`.'
        : undefined,
    );
  }
  const family = familyOf(first);
  const stranger = keys.find((key) => familyOf(key) !== family);
  if (stranger !== undefined) {
    return refuse(
      parsing,
      [...path, stranger],
      `found ${quote(stranger)} beside ${quote(first)}, expected one comparison`,
      'Write two conditions, joined by `all`.',
    );
  }
  const comparison = parseFamily(parsing, path, map, family);
  return comparison && checkCompared(parsing, [...path, first], comparison, compared, quote(first));
}

function familyOf(key: string): Family | undefined {
  const found = Object.entries(families).find(([, keys]) => keys.some((known) => known === key));
  return found === undefined ? undefined : familyNames.find((name) => name === found[0]);
}

const familyNames: readonly Family[] = [
  'is',
  'in',
  'exists',
  'number',
  'exactly',
  'contains',
  'startsWith',
  'includes',
  'time',
  'age',
];

function parseFamily(
  parsing: Parsing,
  path: DocumentPath,
  map: YamlMap,
  family: Family | undefined,
): Comparison | undefined {
  switch (family) {
    case undefined:
      return undefined;
    case 'is':
    case 'includes': {
      const value = parseScalar(
        parsing,
        [...path, family],
        map[family],
        'text, a number, true or false',
      );
      return value === undefined ? undefined : { kind: family, value };
    }
    case 'in':
      return parseList(parsing, [...path, 'in'], map['in']);
    case 'exists': {
      const value = map['exists'];
      return typeof value === 'boolean'
        ? { kind: 'exists', value }
        : refuseValue(parsing, [...path, 'exists'], value, 'true or false');
    }
    case 'number':
    case 'exactly':
      return parseNumbers(parsing, path, map);
    case 'contains':
    case 'startsWith': {
      const value = parseScalar(parsing, [...path, family], map[family], 'text');
      if (value === undefined) return undefined;
      return typeof value === 'string' && value !== ''
        ? { kind: family, value }
        : refuseValue(parsing, [...path, family], value, 'text', quoteHint(value));
    }
    case 'time':
      return parseTimes(parsing, path, map);
    case 'age':
      return parseAges(parsing, path, map);
  }
}

function quoteHint(value: unknown): string | undefined {
  return typeof value === 'string'
    ? undefined
    : `If text is meant, put it in quotes: "${String(value)}".`;
}

type Scalar = string | number | boolean;

function parseScalar(
  parsing: Parsing,
  path: DocumentPath,
  value: unknown,
  expected: string,
): Scalar | undefined {
  if (typeof value === 'string') return isStorable(value) ? value : refuseUnstorable(parsing, path);
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
    return value;
  }
  return refuseValue(parsing, path, value, expected);
}

/** More values than this belong into a trait of their own. */
const mostValues = 1_000;

function parseList(parsing: Parsing, path: DocumentPath, value: unknown): Comparison | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > mostValues) {
    const found = Array.isArray(value) ? `a list of ${value.length} values` : describeFound(value);
    return refuse(parsing, path, `found ${found}, expected a list of 1 to ${mostValues} values`);
  }
  const values = value.flatMap((item: unknown, place) => {
    const scalar = parseScalar(parsing, [...path, place], item, 'text, a number, true or false');
    return scalar === undefined ? [] : [scalar];
  });
  return values.length === value.length ? { kind: 'in', values } : undefined;
}

function parseNumbers(parsing: Parsing, path: DocumentPath, map: YamlMap): Comparison | undefined {
  const number = (key: string): number | undefined => {
    const value = map[key];
    if (!Object.hasOwn(map, key)) return undefined;
    return typeof value === 'number' && Number.isFinite(value)
      ? value
      : refuseValue(parsing, [...path, key], value, 'a number');
  };
  const before = parsing.problems.length;
  const exactly = number('exactly');
  const bounds =
    exactly === undefined
      ? given({
          atLeast: number('atLeast'),
          above: number('above'),
          atMost: number('atMost'),
          below: number('below'),
        })
      : { atLeast: exactly, atMost: exactly };
  return parsing.problems.length > before ? undefined : { kind: 'number', ...bounds };
}

function parseTimes(parsing: Parsing, path: DocumentPath, map: YamlMap): Comparison | undefined {
  const moment = (key: string): number | undefined => {
    if (!Object.hasOwn(map, key)) return undefined;
    return (
      readTime(map[key]) ??
      refuseValue(
        parsing,
        [...path, key],
        map[key],
        'a time with its zone, such as 2026-01-31T00:00:00Z or 2026-01-31T00:00+01:00',
      )
    );
  };
  const before = parsing.problems.length;
  const bounds = given({ after: moment('after'), before: moment('before') });
  return parsing.problems.length > before ? undefined : { kind: 'time', ...bounds };
}

function parseAges(parsing: Parsing, path: DocumentPath, map: YamlMap): Comparison | undefined {
  const age = (key: string): number | undefined =>
    Object.hasOwn(map, key) ? parseSpan(parsing, [...path, key], map[key]) : undefined;
  const before = parsing.problems.length;
  const bounds = given({ olderThanMs: age('olderThan'), newerThanMs: age('newerThan') });
  return parsing.problems.length > before ? undefined : { kind: 'age', ...bounds };
}

/** A hundred years: past any window that has a use, and well within what dates can hold. */
const longestMs = 36_525 * 86_400_000;

/** A duration in milliseconds. */
export function parseSpan(
  parsing: Parsing,
  path: DocumentPath,
  value: unknown,
): number | undefined {
  const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
  if (milliseconds !== undefined && milliseconds <= longestMs) return milliseconds;
  return refuseValue(
    parsing,
    path,
    value,
    'a duration of at most 100 years, such as 90s, 30m, 12h, 7d or 2w',
    typeof value === 'number' ? 'Add the unit: s, m, h, d or w.' : undefined,
  );
}

type Bound =
  'atLeast' | 'above' | 'atMost' | 'below' | 'after' | 'before' | 'olderThanMs' | 'newerThanMs';
type Bounds = Partial<Record<Bound, number>>;

/** Without the bounds that were not written. */
function given(bounds: Readonly<Partial<Record<Bound, number | undefined>>>): Bounds {
  const written: Bounds = {};
  for (const bound of boundNames) {
    const value = bounds[bound];
    if (value !== undefined) written[bound] = value;
  }
  return written;
}

const boundNames: readonly Bound[] = [
  'atLeast',
  'above',
  'atMost',
  'below',
  'after',
  'before',
  'olderThanMs',
  'newerThanMs',
];

const expectedOf: Readonly<Record<Exclude<ComparedKind, 'json'>, string>> = {
  number: 'a comparison of numbers (atLeast, above, atMost, below, exactly) or exists',
  average: 'a comparison of numbers (atLeast, above, atMost, below, exactly) or exists',
  time: 'a comparison of times (after, before, olderThan, newerThan) or exists',
};

/** Refuses what could never hold. */
function checkCompared(
  parsing: Parsing,
  path: DocumentPath,
  comparison: Comparison,
  compared: ComparedKind,
  found: string,
): Comparison | undefined {
  if (compared === 'json' || fits(comparison, compared)) return comparison;
  const what = compared === 'time' ? 'a time' : 'a number';
  return refuse(
    parsing,
    path,
    `found ${found} to compare ${what} with, expected ${expectedOf[compared]}`,
  );
}

function fits(comparison: Comparison, compared: Exclude<ComparedKind, 'json'>): boolean {
  switch (comparison.kind) {
    case 'exists':
      return true;
    case 'is':
      return compared !== 'time' && typeof comparison.value === 'number';
    case 'in':
      return compared !== 'time' && comparison.values.every((value) => typeof value === 'number');
    case 'number':
      return compared !== 'time';
    case 'time':
    case 'age':
      return compared === 'time';
    case 'contains':
    case 'startsWith':
    case 'includes':
      return false;
  }
}
