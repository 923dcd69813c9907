// Comparisons in JavaScript; comparison-sql.ts says the same in SQL.
import type { JsonValue } from '@tributary/sdk';
import type { Comparison } from './comparison.ts';
import { compareDecimals, multiplyDecimals } from './evaluate-decimal.ts';
import type { Decimal } from './evaluate-decimal.ts';
import { readTime } from './evaluate-time.ts';
import type { MeasureValue } from './measure-value.ts';

/** A trait's or property's value against a comparison; null counts as missing. */
export function compare(
  comparison: Comparison,
  value: JsonValue | undefined,
  now: number,
): boolean {
  if (value === undefined || value === null) return isMissing(comparison);
  switch (comparison.kind) {
    case 'is':
      return value === comparison.value;
    case 'in':
      return isScalar(value) && comparison.values.includes(value);
    case 'exists':
      return comparison.value;
    case 'number':
      return typeof value === 'number' && isWithin(comparison, value, 1);
    case 'contains':
      return typeof value === 'string' && value.includes(comparison.value);
    case 'startsWith':
      return typeof value === 'string' && value.startsWith(comparison.value);
    case 'includes':
      return Array.isArray(value) && value.includes(comparison.value);
    case 'time':
    case 'age': {
      const at = readTime(value);
      return at !== undefined && isTimely(comparison, at, now);
    }
  }
}

/** A measure's value against a comparison. Numbers and times are not text: they meet no other kind. */
export function compareMeasure(
  comparison: Comparison,
  value: MeasureValue | undefined,
  now: number,
): boolean {
  if (value === undefined) return isMissing(comparison);
  switch (value.kind) {
    case 'json':
      return compare(comparison, value.value, now);
    case 'time':
      if (comparison.kind === 'exists') return comparison.value;
      return isTimeComparison(comparison) && isTimely(comparison, value.at, now);
    case 'number':
      return compareNumber(comparison, value.value, 1);
    case 'average':
      return compareNumber(comparison, value.sum, value.count);
  }
}

/** The moment past `now` at which the comparison's answer for this time may turn; Infinity: never. */
export function nextTurnOfAge(comparison: Comparison, at: number, now: number): number {
  if (comparison.kind !== 'age') return Number.POSITIVE_INFINITY;
  return Math.min(
    turnAfter(at, comparison.olderThanMs, now),
    turnAfter(at, comparison.newerThanMs, now),
  );
}

function turnAfter(at: number, ageMs: number | undefined, now: number): number {
  return ageMs === undefined || at + ageMs <= now ? Number.POSITIVE_INFINITY : at + ageMs;
}

function isMissing(comparison: Comparison): boolean {
  return comparison.kind === 'exists' && !comparison.value;
}

function isScalar(value: JsonValue): value is string | number | boolean {
  return typeof value !== 'object';
}

/** `value` is the total of `count` numbers; an average is held against bound × count. */
function compareNumber(comparison: Comparison, value: Decimal, count: number): boolean {
  switch (comparison.kind) {
    case 'is':
      return equalsNumber(comparison.value, value, count);
    case 'in':
      return comparison.values.some((bound) => equalsNumber(bound, value, count));
    case 'exists':
      return comparison.value;
    case 'number':
      return isWithin(comparison, value, count);
    case 'contains':
    case 'startsWith':
    case 'includes':
    case 'time':
    case 'age':
      return false;
  }
}

function equalsNumber(bound: string | number | boolean, value: Decimal, count: number): boolean {
  return typeof bound === 'number' && against(value, bound, count) === 0;
}

type NumberComparison = Extract<Comparison, { kind: 'number' }>;

function isWithin(bounds: NumberComparison, value: Decimal, count: number): boolean {
  const { atLeast, above, atMost, below } = bounds;
  return (
    (atLeast === undefined || against(value, atLeast, count) >= 0) &&
    (above === undefined || against(value, above, count) > 0) &&
    (atMost === undefined || against(value, atMost, count) <= 0) &&
    (below === undefined || against(value, below, count) < 0)
  );
}

function against(value: Decimal, bound: number, count: number): number {
  return compareDecimals(value, count === 1 ? bound : multiplyDecimals(bound, count));
}

type TimeComparison = Extract<Comparison, { kind: 'time' | 'age' }>;

function isTimeComparison(comparison: Comparison): comparison is TimeComparison {
  return comparison.kind === 'time' || comparison.kind === 'age';
}

function isTimely(comparison: TimeComparison, at: number, now: number): boolean {
  if (comparison.kind === 'time') {
    const { after, before } = comparison;
    return (after === undefined || at > after) && (before === undefined || at < before);
  }
  const { olderThanMs, newerThanMs } = comparison;
  return (
    (olderThanMs === undefined || at <= now - olderThanMs) &&
    (newerThanMs === undefined || at > now - newerThanMs)
  );
}
