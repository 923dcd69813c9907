// Folds trait values in any order to the same result. What a subject's contributions leave behind is
// an accumulator; accumulators of several subjects join into a profile's trait the same way.
import canonicalize from 'canonicalize';
import type { JsonValue } from '@tributary/sdk';
import type { TraitSettings } from './settings.ts';

/** When something was said and by which record: the order of contributions, free of arrival. */
export interface Stamp {
  /** Milliseconds since 1970. */
  readonly t: number;
  /** Message hash: breaks ties in time. */
  readonly h: string;
}

export interface Contribution extends Stamp {
  /** null deletes. */
  readonly v: JsonValue;
  /** Source instance. */
  readonly s: string;
  /** Log number of the record, for people to look it up; decides nothing. */
  readonly n: number;
}

/** The newest contribution alone decides. */
interface LatestAccumulator {
  readonly k: 'latest';
  readonly c: Contribution;
}
/** The newest of each source. */
interface SourcesAccumulator {
  readonly k: 'sources';
  readonly c: Readonly<Record<string, Contribution>>;
}
/** Each distinct value with its first and last statement, and the newest deletion. */
interface ValuesAccumulator {
  readonly k: 'values';
  readonly d: Stamp | null;
  /** By canonical JSON of the value; at most as many as `mostOf` says. */
  readonly c: Readonly<Record<string, ValueCount>>;
  /** Of `oldest`: the first statement of all, which counts as long as nothing was deleted. */
  readonly e?: Contribution;
}
interface ValueCount {
  readonly first: Stamp;
  readonly last: Contribution;
  readonly count: number;
}

export type Accumulator = LatestAccumulator | SourcesAccumulator | ValuesAccumulator;

/** A profile's trait and where it comes from. */
export interface FoldedTrait {
  readonly value: JsonValue;
  readonly from: Contribution;
}

export function accumulatorOf(contribution: Contribution, settings: TraitSettings): Accumulator {
  switch (settings.merge) {
    case 'latest':
      return { k: 'latest', c: contribution };
    case 'source_priority':
      return { k: 'sources', c: { [contribution.s]: contribution } };
    case 'oldest':
    case 'most_frequent':
    case 'union':
    case 'max':
    case 'min':
      return valuesOf(contribution, settings);
  }
}

function valuesOf(contribution: Contribution, settings: TraitSettings): ValuesAccumulator {
  const { v, t, h } = contribution;
  if (v === null) return { k: 'values', d: { t, h }, c: {} };
  const items: readonly JsonValue[] =
    settings.merge === 'union' && Array.isArray(v) ? (v as readonly JsonValue[]) : [v];
  const counts: Record<string, ValueCount> = {};
  for (const item of items) {
    if (item === null) continue;
    const last = { ...contribution, v: item };
    counts[keyOf(item)] = { first: { t, h }, last, count: 1 };
  }
  const c = bounded(counts, null, settings);
  return { k: 'values', d: null, c, ...(settings.merge === 'oldest' && { e: contribution }) };
}

/** Canonical JSON: the same for equal values. */
export function keyOf(value: JsonValue): string {
  return canonicalize(value) ?? 'null';
}

/** Commutative, associative, and idempotent but for counts. Both sides must be of one policy. */
export function joinAccumulators(
  left: Accumulator,
  right: Accumulator,
  settings: TraitSettings,
): Accumulator {
  if (left.k === 'latest' && right.k === 'latest') {
    return isLater(left.c, right.c) ? left : right;
  }
  if (left.k === 'sources' && right.k === 'sources') return joinSources(left, right);
  if (left.k === 'values' && right.k === 'values') return joinValues(left, right, settings);
  throw new Error(
    `TRAIT_POLICY_CHANGED: trait ${settings.name}: accumulators of ${left.k} and ${right.k}, expected one policy. Run \`tributary rebuild\`.`,
  );
}

function joinSources(left: SourcesAccumulator, right: SourcesAccumulator): SourcesAccumulator {
  const joined = new Map(Object.entries(left.c));
  for (const [source, contribution] of Object.entries(right.c)) {
    const known = joined.get(source);
    if (!known || isLater(contribution, known)) joined.set(source, contribution);
  }
  return { k: 'sources', c: Object.fromEntries(joined) };
}

function joinValues(
  left: ValuesAccumulator,
  right: ValuesAccumulator,
  settings: TraitSettings,
): ValuesAccumulator {
  const joined = new Map(Object.entries(left.c));
  for (const [key, value] of Object.entries(right.c)) {
    const known = joined.get(key);
    joined.set(key, known ? joinCounts(known, value, settings) : value);
  }
  const counts = Object.fromEntries(joined);
  const d = laterStamp(left.d, right.d);
  const e = earlier(left.e, right.e);
  return { k: 'values', d, c: bounded(counts, d, settings), ...(e && { e }) };
}

function earlier(
  left: Contribution | undefined,
  right: Contribution | undefined,
): Contribution | undefined {
  if (!left || !right) return left ?? right;
  return isLater(left, right) ? right : left;
}

function joinCounts(left: ValueCount, right: ValueCount, { merge }: TraitSettings): ValueCount {
  // Whether a value is in a union is told by its last statement alone.
  if (merge === 'union') return isLater(left.last, right.last) ? left : right;
  return {
    first: isLater(left.first, right.first) ? right.first : left.first,
    last: isLater(left.last, right.last) ? left.last : right.last,
    count: left.count + right.count,
  };
}

/** Distinct values that `oldest` and `most_frequent` look at. */
const mostValues = 1_000;

/** Distinct values that are kept of a trait. */
export function mostOf({ merge, limit }: TraitSettings): number {
  return merge === 'oldest' || merge === 'most_frequent' ? Math.max(limit, mostValues) : limit;
}

/** Which ones are kept does not depend on the order they came in. */
function bounded(
  all: Readonly<Record<string, ValueCount>>,
  deleted: Stamp | null,
  settings: TraitSettings,
): Readonly<Record<string, ValueCount>> {
  const counts = settings.merge === 'union' ? livingOf(all, deleted) : all;
  const keys = Object.keys(counts);
  const most = mostOf(settings);
  if (keys.length <= most) return counts;
  const kept = keys.sort((left, right) => orderKeys(right, left, counts, settings)).slice(0, most);
  const rest = new Set(kept);
  return Object.fromEntries(Object.entries(counts).filter(([key]) => rest.has(key)));
}

/** What a deletion took never comes back but by being said again: it must not take anybody's place. */
function livingOf(
  counts: Readonly<Record<string, ValueCount>>,
  deleted: Stamp | null,
): Readonly<Record<string, ValueCount>> {
  if (deleted === null) return counts;
  return Object.fromEntries(
    Object.entries(counts).filter(([, { last }]) => isLater(last, deleted)),
  );
}

/**
 * The bound must never cost the answer: for max and min the values' own order decides what stays, for a
 * union what was said last, so that no deletion takes all that was kept and spares what was not.
 */
function orderKeys(
  left: string,
  right: string,
  counts: Readonly<Record<string, ValueCount>>,
  settings: TraitSettings,
): number {
  if (settings.merge === 'max' || settings.merge === 'min') {
    const order = compareValues(counts[left]?.last.v ?? null, counts[right]?.last.v ?? null);
    if (order !== 0) return settings.merge === 'max' ? order : -order;
  }
  const [one, other] = [counts[left]?.last, counts[right]?.last];
  if (settings.merge === 'union' && one && other) {
    if (isLater(one, other)) return 1;
    if (isLater(other, one)) return -1;
  }
  return left < right ? -1 : Number(left > right);
}

/** undefined: the trait is deleted or was never set. */
export function readAccumulator(
  accumulator: Accumulator,
  settings: TraitSettings,
): FoldedTrait | undefined {
  switch (accumulator.k) {
    case 'latest':
      return folded(accumulator.c);
    case 'sources':
      return readSources(accumulator, settings);
    case 'values':
      return readValues(accumulator, settings);
  }
}

function folded(contribution: Contribution | undefined): FoldedTrait | undefined {
  if (!contribution || contribution.v === null) return undefined;
  return { value: contribution.v, from: contribution };
}

/** Listed sources in their order, then the rest by time. A source that deleted its value says nothing. */
function readSources(
  accumulator: SourcesAccumulator,
  settings: TraitSettings,
): FoldedTrait | undefined {
  const spoken = Object.values(accumulator.c).filter((contribution) => contribution.v !== null);
  const place = (contribution: Contribution): number => {
    const index = settings.sources.indexOf(contribution.s);
    return index === -1 ? settings.sources.length : index;
  };
  spoken.sort((left, right) => place(left) - place(right) || (isLater(left, right) ? -1 : 1));
  return folded(spoken[0]);
}

function readValues(
  accumulator: ValuesAccumulator,
  settings: TraitSettings,
): FoldedTrait | undefined {
  const { d, e } = accumulator;
  if (e && !d) return folded(accumulator.c[keyOf(e.v)]?.last ?? e);
  // A value counts when it was said again after the newest deletion.
  const live = Object.entries(accumulator.c)
    .filter(([, value]) => !d || isLater(value.last, d))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, value]) => value);
  const first = live[0];
  if (!first) return undefined;
  if (settings.merge === 'union') {
    const from = live.reduce((left, right) => (isLater(left.last, right.last) ? left : right)).last;
    return { value: live.map((value) => value.last.v), from };
  }
  return folded(live.reduce((left, right) => (beats(right, left, settings) ? right : left)).last);
}

/** Strictly better than the other; on a tie the smaller canonical key, which comes first, stays. */
function beats(left: ValueCount, right: ValueCount, settings: TraitSettings): boolean {
  switch (settings.merge) {
    case 'oldest':
      return isLater(right.first, left.first);
    case 'most_frequent':
      return (
        left.count > right.count || (left.count === right.count && isLater(left.last, right.last))
      );
    case 'max':
      return compareValues(left.last.v, right.last.v) > 0;
    case 'min':
      return compareValues(left.last.v, right.last.v) < 0;
    case 'latest':
    case 'union':
    case 'source_priority':
      return isLater(left.last, right.last);
  }
}

/** Numbers by size, texts by code points, everything else by canonical JSON; numbers before texts. */
function compareValues(left: JsonValue, right: JsonValue): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const rank = (value: JsonValue): number =>
    typeof value === 'number' ? 0 : typeof value === 'string' ? 1 : 2;
  if (rank(left) !== rank(right)) return rank(left) - rank(right);
  const [a, b] =
    typeof left === 'string' && typeof right === 'string'
      ? [left, right]
      : [canonicalize(left) ?? '', canonicalize(right) ?? ''];
  return a < b ? -1 : Number(a > b);
}

export function isLater(left: Stamp, right: Stamp): boolean {
  return left.t > right.t || (left.t === right.t && left.h > right.h);
}

function laterStamp(left: Stamp | null, right: Stamp | null): Stamp | null {
  if (!left || !right) return left ?? right;
  return isLater(left, right) ? left : right;
}
