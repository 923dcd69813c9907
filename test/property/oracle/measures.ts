// Measures over a list of events, naively: filter, then compute; decimals as whole numbers of
// billionths.
import type { JsonObject, JsonValue } from '@tributary/sdk';
import { day } from '../moments.ts';
import type { Comparison, EventSelector, Measure, Window } from '../rules.ts';

export interface Happening {
  readonly type: string;
  readonly name: string;
  readonly at: number;
  readonly tie: string;
  readonly properties: JsonObject;
}

export type Taken =
  /** `total` billionths, of `count` numbers. */
  | { readonly kind: 'exact'; readonly total: bigint; readonly count: number }
  | { readonly kind: 'time'; readonly at: number }
  | { readonly kind: 'value'; readonly value: JsonValue };

const digits = 9;

export function exact(value: number | string): bigint {
  const [whole = '0', fraction = ''] = String(value).split('.');
  if (!/^-?\d+$/.test(whole) || !/^\d{0,9}$/.test(fraction))
    throw new Error(`no decimal: ${value}`);
  return BigInt(`${whole}${fraction.padEnd(digits, '0')}`);
}

function plain(total: bigint): number {
  return Number(total) / 10 ** digits;
}

export function takeMeasure(
  { events, window, aggregate }: Measure,
  happenings: readonly Happening[],
  now: number,
): Taken | undefined {
  const counted = happenings
    .filter((one) => isInside(window, one.at, now))
    .filter((one) => events.some((selector) => selects(selector, one, now)))
    .sort((left, right) => left.at - right.at || (left.tie < right.tie ? -1 : 1));
  const values = (path: readonly string[]): JsonValue[] =>
    counted.map(({ properties }) => at(properties, path) ?? null);
  const numbers = (path: readonly string[]): number[] =>
    values(path).filter((value) => typeof value === 'number');
  const total = (terms: readonly bigint[]): bigint => terms.reduce((sum, term) => sum + term, 0n);
  switch (aggregate.kind) {
    case 'count':
      return one(exact(counted.length));
    case 'sum':
      return one(total(numbers(aggregate.path).map(exact)));
    case 'score':
      return one(total(counted.map(({ name }) => exact(aggregate.scores.get(name) ?? '0'))));
    case 'average': {
      const found = numbers(aggregate.path);
      if (found.length === 0) return undefined;
      return { kind: 'exact', total: total(found.map(exact)), count: found.length };
    }
    case 'min':
    case 'max': {
      const found = numbers(aggregate.path).sort((left, right) => left - right);
      const end = aggregate.kind === 'min' ? found[0] : found.at(-1);
      return end === undefined ? undefined : one(exact(end));
    }
    case 'distinct': {
      const scalars = values(aggregate.path).filter((value) => typeof value !== 'object');
      return one(exact(new Set(scalars).size));
    }
    case 'first':
    case 'last': {
      const end = aggregate.kind === 'first' ? counted[0] : counted.at(-1);
      if (end === undefined) return undefined;
      if (aggregate.path === undefined) return { kind: 'time', at: end.at };
      const value = at(end.properties, aggregate.path) ?? null;
      return value === null ? undefined : { kind: 'value', value };
    }
  }
}

function one(total: bigint): Taken {
  return { kind: 'exact', total, count: 1 };
}

function at(properties: JsonObject, [key = '']: readonly string[]): JsonValue | undefined {
  return properties[key];
}

function isInside(window: Window, at: number, now: number): boolean {
  switch (window.kind) {
    case 'ever':
      return at <= now;
    case 'sliding':
      return now - window.fromMs < at && at <= now - window.toMs;
    case 'calendar': {
      const [year, month] = [new Date(now).getUTCFullYear(), new Date(now).getUTCMonth()];
      const start = window.unit === 'day' ? now - (now % day) : Date.UTC(year, month, 1);
      return start <= at && at <= now;
    }
  }
}

function selects({ type, name, where }: EventSelector, event: Happening, now: number): boolean {
  if (type !== event.type || (name !== undefined && name !== event.name)) return false;
  return where.every(({ path, comparison }) =>
    meetsValue(comparison, at(event.properties, path), now),
  );
}

/** A trait or property against a comparison. */
export function meetsValue(
  comparison: Comparison,
  value: JsonValue | undefined,
  now: number,
): boolean {
  if (comparison.kind === 'exists') return comparison.value === ((value ?? null) !== null);
  if (value === undefined || value === null) return false;
  switch (comparison.kind) {
    case 'is':
      return value === comparison.value;
    case 'in':
      return comparison.values.some((one) => one === value);
    case 'includes':
      return Array.isArray(value) && value.some((one) => one === comparison.value);
    case 'contains':
      return typeof value === 'string' && value.includes(comparison.value);
    case 'startsWith':
      return typeof value === 'string' && value.startsWith(comparison.value);
    case 'number':
      return typeof value === 'number' && isWithin(comparison, exact(value), 1);
    case 'time':
    case 'age':
      return typeof value === 'string' && isTimely(comparison, Date.parse(value), now);
  }
}

export function meetsTaken(comparison: Comparison, taken: Taken | undefined, now: number): boolean {
  if (comparison.kind === 'exists') return comparison.value === (taken !== undefined);
  if (taken === undefined) return false;
  switch (taken.kind) {
    case 'value':
      return meetsValue(comparison, taken.value, now);
    case 'time':
      return isTimely(comparison, taken.at, now);
    case 'exact':
      return isWithin(comparison, taken.total, taken.count);
  }
}

function isWithin(comparison: Comparison, total: bigint, count: number): boolean {
  const against = (bound: number): bigint => total - exact(bound) * BigInt(count);
  switch (comparison.kind) {
    case 'is':
      return typeof comparison.value === 'number' && against(comparison.value) === 0n;
    case 'number': {
      const { atLeast, above, atMost, below } = comparison;
      return (
        (atLeast === undefined || against(atLeast) >= 0n) &&
        (above === undefined || against(above) > 0n) &&
        (atMost === undefined || against(atMost) <= 0n) &&
        (below === undefined || against(below) < 0n)
      );
    }
    default:
      return false;
  }
}

function isTimely(comparison: Comparison, at: number, now: number): boolean {
  if (comparison.kind === 'time') {
    return at > (comparison.after ?? -Infinity) && at < (comparison.before ?? Infinity);
  }
  if (comparison.kind !== 'age') return false;
  const { olderThanMs, newerThanMs } = comparison;
  return (
    (olderThanMs === undefined || at <= now - olderThanMs) &&
    (newerThanMs === undefined || at > now - newerThanMs)
  );
}

/** As it is shown in a computed trait. */
export function shown(taken: Taken | undefined): JsonValue | undefined {
  switch (taken?.kind) {
    case undefined:
      return undefined;
    case 'value':
      return taken.value;
    case 'time':
      return new Date(taken.at).toISOString();
    case 'exact':
      return plain(taken.total) / taken.count;
  }
}
