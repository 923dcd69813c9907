// The arithmetic of measures: takes events one by one, in any order, and yields the same value for
// every order.
import type { JsonValue } from '@tributary/sdk';
import { addDecimals, decimalFromText } from './evaluate-decimal.ts';
import type { Decimal } from './evaluate-decimal.ts';
import { valueAt } from './evaluate-path.ts';
import type { MeasureEvent, MeasureValue, MeasureValueKind } from './measure-value.ts';
import type { Aggregate } from './measure.ts';

export interface Accumulator {
  reset(): void;
  add(event: MeasureEvent): void;
  value(): MeasureValue | undefined;
}

export function createAccumulator(aggregate: Aggregate): Accumulator {
  switch (aggregate.kind) {
    case 'count':
      return countEvents();
    case 'sum':
      return sumOf((event) => numberAt(event, aggregate.path));
    case 'score':
      return sumOf((event) => scoreOf(aggregate.scores, event.name));
    case 'average':
      return averageOf(aggregate.path);
    case 'min':
      return extremeOf(aggregate.path, Math.min);
    case 'max':
      return extremeOf(aggregate.path, Math.max);
    case 'distinct':
      return distinctAt(aggregate.path);
    case 'first':
    case 'last':
      return endOf(aggregate.kind, aggregate.path);
  }
}

export function valueKindOf(aggregate: Aggregate): MeasureValueKind {
  switch (aggregate.kind) {
    case 'count':
    case 'sum':
    case 'score':
    case 'min':
    case 'max':
    case 'distinct':
      return 'number';
    case 'average':
      return 'average';
    case 'first':
    case 'last':
      return aggregate.path === undefined ? 'time' : 'json';
  }
}

function countEvents(): Accumulator {
  let count = 0;
  return {
    reset: () => {
      count = 0;
    },
    add: () => {
      count += 1;
    },
    value: () => ({ kind: 'number', value: count }),
  };
}

function sumOf(term: (event: MeasureEvent) => Decimal | undefined): Accumulator {
  let sum: Decimal = 0;
  return {
    reset: () => {
      sum = 0;
    },
    add: (event) => {
      sum = addDecimals(sum, term(event) ?? 0);
    },
    value: () => ({ kind: 'number', value: sum }),
  };
}

function averageOf(path: readonly string[]): Accumulator {
  let sum: Decimal = 0;
  let count = 0;
  return {
    reset: () => {
      sum = 0;
      count = 0;
    },
    add: (event) => {
      const value = numberAt(event, path);
      if (value === undefined) return;
      sum = addDecimals(sum, value);
      count += 1;
    },
    value: () => (count === 0 ? undefined : { kind: 'average', sum, count }),
  };
}

function extremeOf(
  path: readonly string[],
  choose: (left: number, right: number) => number,
): Accumulator {
  let extreme: number | undefined;
  return {
    reset: () => {
      extreme = undefined;
    },
    add: (event) => {
      const value = numberAt(event, path);
      if (value !== undefined) extreme = extreme === undefined ? value : choose(extreme, value);
    },
    value: () => (extreme === undefined ? undefined : { kind: 'number', value: extreme }),
  };
}

function distinctAt(path: readonly string[]): Accumulator {
  const values = new Set<JsonValue>();
  return {
    reset: () => values.clear(),
    add: (event) => {
      const value = valueAt(event.properties, path);
      if (value !== undefined && typeof value !== 'object') values.add(value);
    },
    value: () => ({ kind: 'number', value: values.size }),
  };
}

function endOf(end: 'first' | 'last', path: readonly string[] | undefined): Accumulator {
  let found: MeasureEvent | undefined;
  return {
    reset: () => {
      found = undefined;
    },
    add: (event) => {
      if (found === undefined || isLater(event, found) === (end === 'last')) found = event;
    },
    value: () => {
      if (found === undefined) return undefined;
      if (path === undefined) return { kind: 'time', at: found.at };
      const value = valueAt(found.properties, path) ?? null;
      return value === null ? undefined : { kind: 'json', value };
    },
  };
}

function isLater(left: MeasureEvent, right: MeasureEvent): boolean {
  return left.at === right.at ? left.messageHash > right.messageHash : left.at > right.at;
}

function numberAt(event: MeasureEvent, path: readonly string[]): number | undefined {
  const value = valueAt(event.properties, path);
  return typeof value === 'number' ? value : undefined;
}

function scoreOf(scores: ReadonlyMap<string, string>, name: string): Decimal | undefined {
  const score = scores.get(name);
  return score === undefined ? undefined : decimalFromText(score);
}
