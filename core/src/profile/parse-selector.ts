// Which events a condition or a computed trait reads, as config writes it: the events, what their
// properties must be, and the window of time.
import type { EventSelector, PropertyCondition, Window } from './measure.ts';
import { parseComparison, parseSpan } from './parse-comparison.ts';
import { asMap, asText, didYouMean, refuse, refuseValue } from './parse-problem.ts';
import type { DocumentPath, Parsing, YamlMap } from './parse-problem.ts';

export const eventKeys = ['event', 'page', 'screen'] as const;
export const selectorKeys: readonly string[] = [
  ...eventKeys,
  'where',
  'within',
  'between',
  'this',
  'timeZone',
];

const typeOf = { event: 'track', page: 'page', screen: 'screen' } as const;
/** Stands for every name. */
const anyName = '*';
const mostNames = 200;

/** The selectors of a map that has exactly one of `event`, `page` and `screen`. */
export function parseSelectors(
  parsing: Parsing,
  path: DocumentPath,
  map: YamlMap,
): EventSelector[] | undefined {
  const [key, second] = eventKeys.filter((known) => Object.hasOwn(map, known));
  if (key === undefined) {
    return refuse(parsing, path, `found no events, expected one of ${eventKeys.join(', ')}`);
  }
  if (second !== undefined) {
    return refuse(
      parsing,
      [...path, second],
      `found "${second}" beside "${key}", expected one of them`,
      'Write two conditions, joined by `any`.',
    );
  }
  const names = parseNames(parsing, [...path, key], map[key]);
  const where = parseWhere(parsing, [...path, 'where'], map['where']);
  if (names === undefined || where === undefined) return undefined;
  return names.map((name) => ({
    type: typeOf[key],
    name: name === anyName ? undefined : name,
    where,
  }));
}

function parseNames(parsing: Parsing, path: DocumentPath, value: unknown): string[] | undefined {
  const expected = 'a name, a list of names, or "*" for every name';
  if (!Array.isArray(value)) {
    const name = asText(parsing, path, value, expected);
    return name === undefined ? undefined : [name];
  }
  if (value.length === 0 || value.length > mostNames) {
    const found = `a list of ${value.length} names`;
    return refuse(parsing, path, `found ${found}, expected 1 to ${mostNames}`);
  }
  const names = value.flatMap(
    (name: unknown, place) => asText(parsing, [...path, place], name, 'a name') ?? [],
  );
  return names.length === value.length ? [...new Set(names)] : undefined;
}

function parseWhere(
  parsing: Parsing,
  path: DocumentPath,
  value: unknown,
): PropertyCondition[] | undefined {
  if (value === undefined) return [];
  const map = asMap(
    parsing,
    path,
    value,
    'properties and what they must be, such as { price: { atLeast: 10 } }',
  );
  if (map === undefined) return undefined;
  const conditions = Object.entries(map).map(([key, wanted]) => {
    const property = parsePath(parsing, [...path, key], key);
    const comparison = parseComparison(parsing, [...path, key], wanted, 'json');
    return property && comparison && { path: property, comparison };
  });
  const whole = conditions.filter((condition) => condition !== undefined);
  return whole.length === conditions.length ? whole : undefined;
}

/** `a.b` → ['a', 'b'] */
export function parsePath(
  parsing: Parsing,
  path: DocumentPath,
  value: unknown,
  expected = 'the name of a property, with dots to go down',
): string[] | undefined {
  const text = asText(parsing, path, value, expected);
  if (text === undefined) return undefined;
  const keys = text.split('.');
  return keys.includes('') || keys.length > 20
    ? refuseValue(parsing, path, value, expected, 'Take the empty part beside a dot away.')
    : keys;
}

const windowKeys = ['within', 'between', 'this'] as const;

export function parseWindow(
  parsing: Parsing,
  path: DocumentPath,
  map: YamlMap,
): Window | undefined {
  const [key, second] = windowKeys.filter((known) => Object.hasOwn(map, known));
  if (second !== undefined) {
    return refuse(
      parsing,
      [...path, second],
      `found "${second}" beside "${key}", expected one window`,
    );
  }
  if (key !== 'this' && Object.hasOwn(map, 'timeZone')) {
    return refuse(
      parsing,
      [...path, 'timeZone'],
      'found a time zone without "this", expected it with a window of the calendar alone',
    );
  }
  switch (key) {
    case undefined:
      return { kind: 'ever' };
    case 'within': {
      const fromMs = parseSpan(parsing, [...path, key], map[key]);
      if (fromMs === undefined) return undefined;
      return fromMs > 0
        ? { kind: 'sliding', fromMs, toMs: 0 }
        : refuse(parsing, [...path, key], 'found a window of no length, expected a longer one');
    }
    case 'between':
      return parseBetween(parsing, [...path, key], map[key]);
    case 'this':
      return parseCalendar(parsing, path, map);
  }
}

function parseBetween(parsing: Parsing, path: DocumentPath, value: unknown): Window | undefined {
  if (!Array.isArray(value) || value.length !== 2) {
    return refuseValue(parsing, path, value, 'two durations, from and to, such as [60m, 30m]');
  }
  const [fromMs, toMs] = [0, 1].map((place) => parseSpan(parsing, [...path, place], value[place]));
  if (fromMs === undefined || toMs === undefined) return undefined;
  return fromMs > toMs
    ? { kind: 'sliding', fromMs, toMs }
    : refuse(
        parsing,
        path,
        'found a window that ends before it begins, expected the longer duration first',
        'Swap the two.',
      );
}

const units = ['day', 'week', 'month', 'year'] as const;

function parseCalendar(parsing: Parsing, path: DocumentPath, map: YamlMap): Window | undefined {
  const unit = units.find((known) => known === map['this']);
  if (unit === undefined) {
    refuseValue(parsing, [...path, 'this'], map['this'], `one of ${units.join(', ')}`);
  }
  const timeZone = parseTimeZone(parsing, path, map['timeZone']);
  return unit === undefined || timeZone === undefined
    ? undefined
    : { kind: 'calendar', unit, timeZone };
}

function parseTimeZone(parsing: Parsing, path: DocumentPath, value: unknown): string | undefined {
  if (value === undefined) {
    return refuse(
      parsing,
      [...path, 'this'],
      'found no time zone, expected "timeZone" beside "this"',
      'Add for example `timeZone: Europe/Berlin`.',
    );
  }
  const name = asText(parsing, [...path, 'timeZone'], value, 'a time zone such as Europe/Berlin');
  if (name === undefined || isTimeZone(name)) return name;
  return refuseValue(
    parsing,
    [...path, 'timeZone'],
    value,
    'a time zone such as Europe/Berlin or UTC',
    didYouMean(name, Intl.supportedValuesOf('timeZone')),
  );
}

/** Named zones only: an offset does not know about summer. */
function isTimeZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}
