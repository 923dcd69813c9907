// Comparisons in SQL: the same truth as evaluate-comparison.ts, never null.
import type { Comparison } from './comparison.ts';
import { timePattern } from './evaluate-time.ts';
import type { SqlParameters } from './parameters-sql.ts';

/** An SQL expression and what its value means; null: missing. It may be written several times. */
export type SqlOperand =
  | { readonly kind: 'json'; readonly sql: string }
  | { readonly kind: 'number'; readonly sql: string }
  | { readonly kind: 'average'; readonly sum: string; readonly count: string }
  | { readonly kind: 'time'; readonly sql: string };

export interface SqlMoment {
  readonly now: number;
  readonly parameters: SqlParameters;
}

/** A boolean expression. */
export function comparisonToSql(
  comparison: Comparison,
  operand: SqlOperand,
  moment: SqlMoment,
): string {
  if (comparison.kind === 'exists') {
    const present = presence(operand);
    return comparison.value ? present : `(NOT ${present})`;
  }
  switch (operand.kind) {
    case 'json':
      return `coalesce(${jsonComparison(comparison, operand.sql, moment)}, false)`;
    case 'number':
      return numberComparison(comparison, operand.sql, (bound) => bound, moment) ?? never(operand);
    case 'average': {
      const scale: Scale = (bound) => `${bound} * ${operand.count}`;
      return numberComparison(comparison, operand.sum, scale, moment) ?? never(operand);
    }
    case 'time':
      return isTimeComparison(comparison)
        ? `coalesce(${timeComparison(comparison, operand.sql, moment)}, false)`
        : never(operand);
  }
}

/** False, but in a way that writes the operand: its parameters are already bound. */
function never(operand: SqlOperand): string {
  return `(${presence(operand)} AND false)`;
}

/** A JSON value's time, null unless it is text of the accepted form. */
export function jsonTimeToSql(json: string, parameters: SqlParameters): string {
  const text = `(${json} #>> '{}')`;
  const pattern = parameters.bind(timePattern, 'text');
  return `(CASE WHEN jsonb_typeof(${json}) = 'string' AND ${text} ~ ${pattern}
    THEN regexp_replace(${text}, '(\\.[0-9]{3})[0-9]+', '\\1')::timestamptz END)`;
}

/** Down through the keys of objects; null when the way ends. */
export function pathToSql(
  document: string,
  path: readonly string[],
  parameters: SqlParameters,
): string {
  return `(${[document, ...path.map((key) => parameters.bind(key, 'text'))].join(' -> ')})`;
}

function presence(operand: SqlOperand): string {
  switch (operand.kind) {
    case 'json':
      return `coalesce(${operand.sql} <> 'null'::jsonb, false)`;
    case 'number':
    case 'time':
      return `(${operand.sql} IS NOT NULL)`;
    case 'average':
      return `(${operand.count} > 0)`;
  }
}

type ValueComparison = Exclude<Comparison, { kind: 'exists' }>;
type TimeComparison = Extract<Comparison, { kind: 'time' | 'age' }>;
type NumberComparison = Extract<Comparison, { kind: 'number' }>;

function isTimeComparison(comparison: Comparison): comparison is TimeComparison {
  return comparison.kind === 'time' || comparison.kind === 'age';
}

function jsonComparison(comparison: ValueComparison, json: string, moment: SqlMoment): string {
  const { parameters } = moment;
  const text = `(${json} #>> '{}')`;
  switch (comparison.kind) {
    case 'is':
      return `${json} = ${parameters.bind(JSON.stringify(comparison.value), 'jsonb')}`;
    case 'in':
      return `${json} = ANY (${parameters.bind(
        comparison.values.map((value) => JSON.stringify(value)),
        'jsonb[]',
      )})`;
    case 'number':
      // The cast is guarded by CASE: AND does not promise to look at the type first.
      return `CASE WHEN jsonb_typeof(${json}) = 'number'
        THEN ${within(comparison, `(${json})::numeric`, (bound) => bound, moment)} END`;
    case 'contains':
      return `(jsonb_typeof(${json}) = 'string' AND strpos(${text}, ${parameters.bind(comparison.value, 'text')}) > 0)`;
    case 'startsWith':
      return `(jsonb_typeof(${json}) = 'string' AND starts_with(${text}, ${parameters.bind(comparison.value, 'text')}))`;
    case 'includes':
      return `(jsonb_typeof(${json}) = 'array' AND ${json} @> ${parameters.bind(JSON.stringify(comparison.value), 'jsonb')})`;
    case 'time':
    case 'age':
      return timeComparison(comparison, jsonTimeToSql(json, parameters), moment);
  }
}

/** Scales a bound to what it is held against: an average's total against bound × count. */
type Scale = (bound: string) => string;

/** Undefined: no number meets the comparison. */
function numberComparison(
  comparison: ValueComparison,
  value: string,
  scale: Scale,
  moment: SqlMoment,
): string | undefined {
  switch (comparison.kind) {
    case 'is':
      return equalsAny([comparison.value], value, scale, moment);
    case 'in':
      return equalsAny(comparison.values, value, scale, moment);
    case 'number':
      return `coalesce(${within(comparison, value, scale, moment)}, false)`;
    case 'contains':
    case 'startsWith':
    case 'includes':
    case 'time':
    case 'age':
      return undefined;
  }
}

function equalsAny(
  bounds: readonly (string | number | boolean)[],
  value: string,
  scale: Scale,
  { parameters }: SqlMoment,
): string | undefined {
  const equations = bounds
    .filter((bound) => typeof bound === 'number')
    .map((bound) => `${value} = ${scale(parameters.bind(String(bound), 'numeric'))}`);
  return equations.length === 0 ? undefined : `coalesce(${equations.join(' OR ')}, false)`;
}

function within(
  bounds: NumberComparison,
  value: string,
  scale: Scale,
  { parameters }: SqlMoment,
): string {
  const { atLeast, above, atMost, below } = bounds;
  return conjunction(
    value,
    [
      [atLeast, '>='],
      [above, '>'],
      [atMost, '<='],
      [below, '<'],
    ],
    (bound) => scale(parameters.bind(String(bound), 'numeric')),
  );
}

function timeComparison(comparison: TimeComparison, time: string, moment: SqlMoment): string {
  const { now, parameters } = moment;
  const bind = (bound: number): string => parameters.bindTime(bound);
  if (comparison.kind === 'time') {
    const { after, before } = comparison;
    return conjunction(
      time,
      [
        [after, '>'],
        [before, '<'],
      ],
      bind,
    );
  }
  const ago = (ms: number | undefined): number | undefined => (ms === undefined ? ms : now - ms);
  return conjunction(
    time,
    [
      [ago(comparison.olderThanMs), '<='],
      [ago(comparison.newerThanMs), '>'],
    ],
    bind,
  );
}

function conjunction(
  value: string,
  bounds: readonly (readonly [number | undefined, string])[],
  bind: (bound: number) => string,
): string {
  const tests = bounds.flatMap(([bound, operator]) =>
    bound === undefined ? [] : [`${value} ${operator} ${bind(bound)}`],
  );
  return tests.length === 0 ? `(${value} IS NOT NULL)` : `(${tests.join(' AND ')})`;
}
