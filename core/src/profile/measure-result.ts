// A measure's result, read from what measure-sql.ts selects, and its form as a computed trait.
import { isJsonObject } from '@tributary/sdk';
import type { JsonValue } from '@tributary/sdk';
import { valueKindOf } from './evaluate-aggregate.ts';
import { decimalFromText, decimalToNumber } from './evaluate-decimal.ts';
import type { MeasureResult, MeasureValue } from './measure-value.ts';
import { nextWindowChange, windowBounds } from './measure-window.ts';
import type { Measure } from './measure.ts';

/** [value, count, earliest time inside the window, earliest ahead of it, next turn of an age] */
export type MeasureRow = readonly [
  value: JsonValue,
  count: number | null,
  inside: number | null,
  ahead: number | null,
  turn: number | null,
];

export function measureResultFromRow(
  measure: Measure,
  [value, count, inside, ahead, turn]: MeasureRow,
  now: number,
): MeasureResult {
  const bounds = windowBounds(measure.window, now);
  const change = nextWindowChange(bounds, inside ?? Infinity, ahead ?? Infinity);
  return {
    value: value === null ? undefined : measureValueFromRow(measure, value, count ?? 0),
    nextChangeAt: Math.min(change, turn ?? Infinity),
  };
}

function measureValueFromRow(
  { aggregate }: Measure,
  value: NonNullable<JsonValue>,
  count: number,
): MeasureValue | undefined {
  const kind = valueKindOf(aggregate);
  switch (kind) {
    case 'json':
      return { kind, value };
    case 'time':
      return { kind, at: Number(value) };
    case 'number':
      return { kind, value: decimalFromText(textOf(value)) };
    case 'average':
      return { kind, sum: decimalFromText(textOf(value)), count };
  }
}

function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * A measure's value as others see it in a computed trait: a number is the nearest JavaScript
 * number, a time is ISO 8601 in UTC. Undefined where there is none.
 */
export function computedTraitValue(value: MeasureValue | undefined): JsonValue | undefined {
  if (value === undefined) return undefined;
  switch (value.kind) {
    case 'json':
      return value.value;
    case 'time':
      return new Date(value.at).toISOString();
    case 'number':
      return finite(decimalToNumber(value.value));
    case 'average':
      return finite(decimalToNumber(value.sum) / value.count);
  }
}

/** JSON has no infinity; a sum past the greatest JavaScript number is not shown. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** True when two values are the same JSON, whatever the order of keys. */
export function equalJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === right) return true;
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((item, at) => equalJson(item, right[at]));
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equalJson(left[key], right[key]))
  );
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
