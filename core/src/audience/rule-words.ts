// A condition in words, for people who ask why somebody is in an audience or is not.
import type { Comparison } from '../profile/comparison.ts';
import type { EventSelector, Measure, Window } from '../profile/measure.ts';
import type { Rule } from './rule.ts';

export function ruleWords(rule: Rule): string {
  switch (rule.kind) {
    case 'all':
      return 'all of these hold';
    case 'any':
      return 'any of these holds';
    case 'not':
      return 'this does not hold';
    case 'trait':
      return `trait ${rule.path.join('.')} ${comparisonWords(rule.comparison)}`;
    case 'measure':
      return `${measureWords(rule.measure)} ${comparisonWords(rule.comparison)}`;
    case 'audience':
      return `is in audience ${rule.name}`;
    case 'identifier':
      return `has an identifier ${rule.namespace}`;
  }
}

export function measureWords({ events, window, aggregate }: Measure): string {
  const what = `${eventWords(events)}${windowWords(window)}`;
  switch (aggregate.kind) {
    case 'count':
      return `number of ${what}`;
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
    case 'distinct':
      return `${aggregate.kind} of ${aggregate.path.join('.')} over ${what}`;
    case 'first':
    case 'last':
      return `${aggregate.path?.join('.') ?? 'time'} of the ${aggregate.kind} of ${what}`;
    case 'score':
      return `score over ${what}`;
  }
}

function eventWords(events: readonly EventSelector[]): string {
  const names = events.map(({ type, name, where }) => {
    const conditions = where.map(
      ({ path, comparison }) => `${path.join('.')} ${comparisonWords(comparison)}`,
    );
    const plain = name === undefined ? `any ${type}` : JSON.stringify(name);
    return conditions.length === 0 ? plain : `${plain} (${conditions.join(', ')})`;
  });
  return names.join(' or ');
}

function windowWords(window: Window): string {
  switch (window.kind) {
    case 'ever':
      return '';
    case 'sliding':
      return window.toMs === 0
        ? ` in the last ${span(window.fromMs)}`
        : ` between ${span(window.fromMs)} and ${span(window.toMs)} ago`;
    case 'calendar':
      return ` this ${window.unit} (${window.timeZone})`;
  }
}

export function comparisonWords(comparison: Comparison): string {
  switch (comparison.kind) {
    case 'is':
      return `is ${JSON.stringify(comparison.value)}`;
    case 'in':
      return `is one of ${comparison.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'exists':
      return comparison.value ? 'has a value' : 'has no value';
    case 'contains':
    case 'includes':
      return `${comparison.kind} ${JSON.stringify(comparison.value)}`;
    case 'startsWith':
      return `starts with ${JSON.stringify(comparison.value)}`;
    case 'number':
      return numberWords(comparison);
    case 'time':
      return bounds([
        ['after', comparison.after, isoTime],
        ['before', comparison.before, isoTime],
      ]);
    case 'age':
      return bounds([
        ['is older than', comparison.olderThanMs, span],
        ['is newer than', comparison.newerThanMs, span],
      ]);
  }
}

function numberWords(comparison: Extract<Comparison, { kind: 'number' }>): string {
  return bounds([
    ['≥', comparison.atLeast, String],
    ['>', comparison.above, String],
    ['≤', comparison.atMost, String],
    ['<', comparison.below, String],
  ]);
}

function bounds(
  parts: readonly (readonly [string, number | undefined, (value: number) => string])[],
): string {
  return parts
    .flatMap(([word, value, show]) => (value === undefined ? [] : [`${word} ${show(value)}`]))
    .join(' and ');
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

function span(milliseconds: number): string {
  const unit = units.find(([, size]) => milliseconds % size === 0 && milliseconds >= size);
  return unit ? `${milliseconds / unit[1]} ${unit[0]}` : `${milliseconds} ms`;
}
