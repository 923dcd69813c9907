// A rule as a function, made once and run for each person of each batch: equal measures are taken
// once, cheap conditions come first, and what cannot alter the answer is not looked at.
import type { Comparison } from '../profile/comparison.ts';
import { compare, compareMeasure, nextTurnOfAge } from '../profile/evaluate-comparison.ts';
import { valueAt } from '../profile/evaluate-path.ts';
import { readTime } from '../profile/evaluate-time.ts';
import type { MeasureSetBuilder } from '../profile/measure-set.ts';
import type { MeasureValue } from '../profile/measure-value.ts';
import type { MeasuredPerson } from './person.ts';
import type { Rule } from './rule.ts';

/** One evaluation under way. A condition leaves in `nextChangeAt` when its answer may next turn. */
export interface Frame {
  person: MeasuredPerson;
  now: number;
  nextChangeAt: number;
  /** By the audience's place: what the audiences that come before have answered. */
  readonly meets: boolean[];
  readonly nextChanges: number[];
}

export type Condition = (frame: Frame) => boolean;

export interface RuleCompiler {
  readonly measures: MeasureSetBuilder;
  /** An audience's place; undefined where there is no such audience before this one. */
  readonly placeOf: (audience: string) => number | undefined;
}

export function compileRule(rule: Rule, compiler: RuleCompiler): Condition {
  switch (rule.kind) {
    case 'all':
    case 'any':
      return compileList(rule.rules, rule.kind === 'any', compiler);
    case 'not': {
      const condition = compileRule(rule.rule, compiler);
      return (frame) => !condition(frame);
    }
    case 'trait':
      return compileTrait(rule.path, rule.comparison);
    case 'measure':
      return compileMeasure(compiler.measures.add(rule.measure), rule.comparison);
    case 'audience':
      return compileReference(compiler.placeOf(rule.name));
    case 'identifier':
      return (frame) => {
        frame.nextChangeAt = Number.POSITIVE_INFINITY;
        return frame.person.namespaces.has(rule.namespace);
      };
  }
}

/**
 * One part that gives `decisive` settles the list, and for as long as that part stands so does the
 * list: only its next change counts. Otherwise the earliest of all does.
 */
function compileList(rules: readonly Rule[], decisive: boolean, compiler: RuleCompiler): Condition {
  const parts = rules
    .map((rule) => ({ cost: costOf(rule), condition: compileRule(rule, compiler) }))
    .sort((left, right) => left.cost - right.cost)
    .map(({ condition }) => condition);
  return (frame) => {
    let next = Number.POSITIVE_INFINITY;
    for (const part of parts) {
      if (part(frame) === decisive) return decisive;
      if (frame.nextChangeAt < next) next = frame.nextChangeAt;
    }
    frame.nextChangeAt = next;
    return !decisive;
  };
}

function costOf(rule: Rule): number {
  switch (rule.kind) {
    case 'audience':
    case 'identifier':
      return 0;
    case 'trait':
      return 1;
    case 'measure':
      return 10;
    case 'not':
      return costOf(rule.rule);
    case 'all':
    case 'any':
      return rule.rules.reduce((cost, part) => cost + costOf(part), 0);
  }
}

function compileTrait(path: readonly string[], comparison: Comparison): Condition {
  const aged = comparison.kind === 'age';
  return (frame) => {
    const value = valueAt(frame.person.traits, path);
    const at = aged ? readTime(value) : undefined;
    frame.nextChangeAt =
      at === undefined ? Number.POSITIVE_INFINITY : nextTurnOfAge(comparison, at, frame.now);
    return compare(comparison, value, frame.now);
  };
}

function compileMeasure(slot: number, comparison: Comparison): Condition {
  const aged = comparison.kind === 'age';
  return (frame) => {
    const { value, nextChangeAt } = frame.person.measure(slot);
    const at = aged ? timeOf(value) : undefined;
    frame.nextChangeAt =
      at === undefined
        ? nextChangeAt
        : Math.min(nextChangeAt, nextTurnOfAge(comparison, at, frame.now));
    return compareMeasure(comparison, value, frame.now);
  };
}

function timeOf(value: MeasureValue | undefined): number | undefined {
  if (value?.kind === 'time') return value.at;
  return value?.kind === 'json' ? readTime(value.value) : undefined;
}

/** An audience that is not there has no members. */
function compileReference(place: number | undefined): Condition {
  return (frame) => {
    frame.nextChangeAt = (place === undefined ? undefined : frame.nextChanges[place]) ?? Infinity;
    return place !== undefined && frame.meets[place] === true;
  };
}
