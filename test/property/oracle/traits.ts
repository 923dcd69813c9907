// What is known of each person, naively: all that was said of a trait in one list, folded at once.
import type { JsonObject, JsonValue } from '@tributary/sdk';
import { traitPolicies, type TraitPolicy } from '../vocabulary.ts';
import type { People } from './people.ts';
import { isErased, type Stated } from './statements.ts';

interface Said {
  readonly value: JsonValue;
  readonly at: number;
  readonly tie: string;
  readonly source: string;
}

export function foldTraits(stated: Stated, people: People, anchor: string): JsonObject {
  const said = new Map<string, Said[]>();
  for (const { record, subject, at, tie } of stated.statements) {
    if (record.kind !== 'identify' || subject === undefined) continue;
    if (isErased(stated, subject, at) || people.profileOf(subject, at) !== anchor) continue;
    for (const [name, value] of Object.entries(record.traits)) {
      if (value === undefined) continue;
      said.set(name, [...(said.get(name) ?? []), { value, at, tie, source: record.source }]);
    }
  }
  const folded: Record<string, JsonValue> = {};
  for (const [name, values] of said) {
    const value = fold(values.sort(byTime), traitPolicies[name] ?? { merge: 'latest' });
    if (value !== undefined && value !== null) folded[name] = value;
  }
  return folded;
}

function byTime(left: Said, right: Said): number {
  return left.at - right.at || (left.tie < right.tie ? -1 : 1);
}

/** `said` from the oldest to the newest. */
function fold(said: readonly Said[], policy: TraitPolicy): JsonValue | undefined {
  switch (policy.merge) {
    case 'latest':
      return said.at(-1)?.value;
    case 'source_priority':
      return ofBestSource(said, policy.sources ?? []);
    case 'oldest':
    case 'most_frequent':
    case 'union':
    case 'max':
    case 'min':
      return ofValues(said, policy);
  }
}

function ofBestSource(said: readonly Said[], ranked: readonly string[]): JsonValue | undefined {
  const newest = new Map(said.map((one) => [one.source, one]));
  const speaking = said.filter((one) => newest.get(one.source) === one && one.value !== null);
  const best = ranked.find((source) => speaking.some((one) => one.source === source));
  return speaking.findLast((one) => best === undefined || one.source === best)?.value;
}

interface Value {
  readonly value: JsonValue;
  readonly key: string;
  /** Places in time, from the oldest. */
  readonly places: number[];
}

function ofValues(said: readonly Said[], policy: TraitPolicy): JsonValue | undefined {
  const deleted = said.findLastIndex(({ value }) => value === null);
  const values = new Map<string, Value>();
  for (const [place, { value }] of said.entries()) {
    const items = policy.merge === 'union' && Array.isArray(value) ? value : [value];
    for (const key of new Set(items.filter((item) => item !== null).map(keyOf))) {
      const known: Value = values.get(key) ?? { value: parse(key), key, places: [] };
      known.places.push(place);
      values.set(key, known);
    }
  }
  const lastOf = ({ places }: Value): number => places.at(-1) ?? -1;
  const sorted = [...values.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
  const live = sorted.filter((value) => lastOf(value) > deleted);
  if (live.length === 0) return undefined;
  if (policy.merge === 'union') {
    const newest = live.toReversed().sort((left, right) => lastOf(right) - lastOf(left));
    const kept = new Set(newest.slice(0, policy.limit ?? 100));
    return live.filter((one) => kept.has(one)).map(({ value }) => value);
  }
  return live.reduce((best, one) => (beats(one, best, policy) ? one : best)).value;
}

function beats(one: Value, best: Value, { merge }: TraitPolicy): boolean {
  switch (merge) {
    case 'oldest':
      return (one.places[0] ?? 0) < (best.places[0] ?? 0);
    case 'most_frequent':
      if (one.places.length !== best.places.length) return one.places.length > best.places.length;
      return (one.places.at(-1) ?? 0) > (best.places.at(-1) ?? 0);
    case 'max':
      return isGreater(one.value, best.value);
    case 'min':
      return isGreater(best.value, one.value);
    case 'latest':
    case 'union':
    case 'source_priority':
      return false;
  }
}

/** Texts are greater than numbers. */
function isGreater(left: JsonValue, right: JsonValue): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left > right;
  if (typeof left === 'string' && typeof right === 'string') return left > right;
  return typeof left === 'string' && typeof right === 'number';
}

function parse(key: string): JsonValue {
  const value: JsonValue = JSON.parse(key);
  return value;
}

/** One text per value, however its keys are ordered. */
function keyOf(value: JsonValue): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return JSON.stringify(value);
  }
  return JSON.stringify(
    Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
}
