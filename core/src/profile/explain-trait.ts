// Where a trait comes from: every contribution that is in the running, the one that won, and why the
// others lost.
import canonicalize from 'canonicalize';
import type { Identifier, JsonObject, JsonValue } from '@tributary/sdk';
import type { Queryable } from '../store/store.ts';
import {
  accumulatorOf,
  isLater,
  joinAccumulators,
  keyOf,
  readAccumulator,
  type Accumulator,
  type Contribution,
  type FoldedTrait,
} from './accumulator.ts';
import { isFull } from './fold-traits.ts';
import { selectDeviceTraitsOf, selectTraitStates } from './plans.ts';
import { loadStates } from './refresh-profiles.ts';
import type { MergePolicy, ProfileSettings, TraitSettings } from './settings.ts';
import { isAlwaysKept, traitSettingsOf } from './trait-settings.ts';

export interface TraitExplanation {
  readonly policy: MergePolicy;
  /** undefined: nobody said it, or it was deleted. */
  readonly won: FoldedTrait | undefined;
  /** The newest first. */
  readonly candidates: readonly TraitCandidate[];
  /** Config does not declare it, and the profile keeps as many such traits as it may, all before it by name. */
  readonly isLeftOut: boolean;
}

export interface TraitCandidate {
  /** null: a deletion. */
  readonly value: JsonValue;
  readonly from: Contribution;
  /** How often it was said, where that counts. */
  readonly count: number;
  /** The identifier that the fact hangs on. */
  readonly subject: Identifier;
  /** undefined: it is (part of) the trait. */
  readonly lostBecause: LossReason | undefined;
}

export type LossReason =
  | 'deleted'
  | 'older'
  | 'newer'
  | 'weaker_source'
  | 'said_less_often'
  | 'smaller'
  | 'larger'
  | 'over_limit'
  | 'too_many_names';

interface Held {
  readonly subject: Identifier;
  readonly accumulator: Accumulator;
}

/** Of one subject only what its fold keeps is in the running: with `latest`, the newest. */
export async function explainTrait(
  queryable: Queryable,
  profileId: string,
  name: string,
  settings: ProfileSettings,
): Promise<TraitExplanation> {
  const trait = traitSettingsOf(settings, name);
  const held = [
    ...(await loadPersons(queryable, profileId, name)),
    ...(await loadDevices(queryable, profileId, name, trait)),
  ];
  const joined = held
    .map(({ accumulator }) => accumulator)
    .reduce<Accumulator | undefined>(
      (left, right) => (left ? joinAccumulators(left, right, trait) : right),
      undefined,
    );
  const isLeftOut = await isLeftOutOf(queryable, profileId, name, settings);
  const won = joined && !isLeftOut ? readAccumulator(joined, trait) : undefined;
  const candidates = held.flatMap(({ subject, accumulator }) =>
    contributionsOf(accumulator).map(({ from, count }) => ({
      value: from.v,
      from,
      count,
      subject,
      lostBecause: isLeftOut ? ('too_many_names' as const) : lossOf(from, won, trait),
    })),
  );
  return {
    policy: trait.merge,
    won,
    candidates: candidates.toSorted((left, right) => (isLater(left.from, right.from) ? -1 : 1)),
    isLeftOut,
  };
}

async function isLeftOutOf(
  queryable: Queryable,
  profileId: string,
  name: string,
  settings: ProfileSettings,
): Promise<boolean> {
  if (isAlwaysKept(settings, name)) return false;
  const state = (await loadStates(queryable, [profileId], settings)).get(profileId) ?? {};
  if (!isFull(state, settings) || Object.hasOwn(state, name)) return false;
  return Object.keys(state).every((kept) => kept < name || isAlwaysKept(settings, kept));
}

async function loadPersons(queryable: Queryable, profileId: string, name: string): Promise<Held[]> {
  const rows = await queryable.query<Identifier & { trait: Accumulator }>(selectTraitStates, [
    profileId,
    name,
  ]);
  return rows.map(({ namespace, value, trait }) => ({
    subject: { namespace, value },
    accumulator: trait,
  }));
}

interface DeviceRow {
  namespace: string;
  value: string;
  at: number;
  message_hash: string;
  source: string;
  number: number;
  properties: JsonObject;
}

async function loadDevices(
  queryable: Queryable,
  profileId: string,
  name: string,
  trait: TraitSettings,
): Promise<Held[]> {
  const rows = await queryable.query<DeviceRow>(selectDeviceTraitsOf, [profileId, name]);
  return rows.map(
    ({ namespace, value, at, message_hash: h, source: s, number: n, properties }) => ({
      subject: { namespace, value },
      accumulator: accumulatorOf({ v: properties[name] ?? null, t: at, h, s, n }, trait),
    }),
  );
}

function contributionsOf(
  accumulator: Accumulator,
): readonly { readonly from: Contribution; readonly count: number }[] {
  switch (accumulator.k) {
    case 'latest':
      return [{ from: accumulator.c, count: 1 }];
    case 'sources':
      return Object.values(accumulator.c).map((from) => ({ from, count: 1 }));
    case 'values':
      return [...valuesOf(accumulator), ...firstBeyond(accumulator)];
  }
}

type Values = Extract<Accumulator, { k: 'values' }>;
type Counted = { readonly from: Contribution; readonly count: number };

function valuesOf({ c }: Values): Counted[] {
  return Object.values(c).map(({ last, count }) => ({ from: last, count }));
}

/** The first statement of all, where more values than are kept came after it. */
function firstBeyond({ c, e }: Values): Counted[] {
  return e && !Object.hasOwn(c, keyOf(e.v)) ? [{ from: e, count: 1 }] : [];
}

function lossOf(
  from: Contribution,
  won: FoldedTrait | undefined,
  { merge, sources }: TraitSettings,
): LossReason | undefined {
  if (!won || from.v === null) return 'deleted';
  if (isWinner(from, won, merge)) return undefined;
  switch (merge) {
    case 'latest':
      return 'older';
    case 'oldest':
      return 'newer';
    case 'most_frequent':
      return 'said_less_often';
    case 'max':
      return 'smaller';
    case 'min':
      return 'larger';
    case 'union':
      return 'over_limit';
    case 'source_priority':
      return rankOf(from.s, sources) > rankOf(won.from.s, sources) ? 'weaker_source' : 'older';
  }
}

function isWinner(from: Contribution, won: FoldedTrait, merge: MergePolicy): boolean {
  const own = canonicalize(from.v);
  if (merge !== 'union') {
    // The same value said by two subjects is one value; without values it is the one record.
    const byValue = merge !== 'latest' && merge !== 'source_priority';
    return canonicalize(won.value) === own && (byValue || from.h === won.from.h);
  }
  const values: readonly JsonValue[] = Array.isArray(won.value)
    ? (won.value as readonly JsonValue[])
    : [];
  return values.some((value) => canonicalize(value) === own);
}

function rankOf(source: string, sources: readonly string[]): number {
  const place = sources.indexOf(source);
  return place === -1 ? sources.length : place;
}
