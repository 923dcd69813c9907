// One text per meaning: equal measures and comparisons have equal descriptions, so that they can be
// shared, and a changed definition can be noticed.
import type { Comparison } from './comparison.ts';
import type { Aggregate, Measure, Window } from './measure.ts';

export function describeMeasure(measure: Measure): string {
  const events = measure.events.map(({ type, name, where }) =>
    JSON.stringify([
      type,
      name ?? null,
      where.map(({ path, comparison }) => [path, describeComparison(comparison)]).sort(byText),
    ]),
  );
  return JSON.stringify([
    [...new Set(events)].sort(),
    describeWindow(measure.window),
    describeAggregate(measure.aggregate),
  ]);
}

export function describeComparison(comparison: Comparison): string {
  switch (comparison.kind) {
    case 'is':
    case 'exists':
    case 'contains':
    case 'startsWith':
    case 'includes':
      return JSON.stringify([comparison.kind, comparison.value]);
    case 'in':
      return JSON.stringify([comparison.kind, comparison.values]);
    case 'number': {
      const { kind, atLeast, above, atMost, below } = comparison;
      return JSON.stringify([kind, atLeast, above, atMost, below]);
    }
    case 'time':
      return JSON.stringify([comparison.kind, comparison.after, comparison.before]);
    case 'age':
      return JSON.stringify([comparison.kind, comparison.olderThanMs, comparison.newerThanMs]);
  }
}

function describeWindow(window: Window): readonly unknown[] {
  switch (window.kind) {
    case 'ever':
      return [window.kind];
    case 'sliding':
      return [window.kind, window.fromMs, window.toMs];
    case 'calendar':
      return [window.kind, window.unit, window.timeZone];
  }
}

function describeAggregate(aggregate: Aggregate): readonly unknown[] {
  switch (aggregate.kind) {
    case 'count':
      return [aggregate.kind];
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
    case 'distinct':
    case 'first':
    case 'last':
      return [aggregate.kind, aggregate.path ?? null];
    case 'score':
      return [aggregate.kind, [...aggregate.scores].sort(byText)];
  }
}

function byText(left: readonly unknown[], right: readonly unknown[]): number {
  const [a, b] = [JSON.stringify(left), JSON.stringify(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}
