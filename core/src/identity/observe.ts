// Holds a batch's pairs against what is stored of them: which became stronger, and which weaker but
// newer observations must be kept for the day a stronger one is erased.
import type { StandardIdentifier, TrustRank } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import type { StoredPair } from './component.ts';
import type { PairEvidence } from './evidence.ts';
import { slices, type Known, type KnownIdentifier } from './known.ts';
import { keepUndominated, type Observation } from './observation.ts';
import { deleteSpares, insertSpares, selectObservations } from './plans.ts';

export interface ChangedPair {
  readonly pair: StoredPair;
  readonly left: KnownIdentifier;
  readonly right: KnownIdentifier;
  readonly isNew: boolean;
  /** Of another trust than was stored; true where nothing was. */
  readonly isOtherTrust: boolean;
}

interface ObservedPair {
  readonly left: KnownIdentifier;
  readonly right: KnownIdentifier;
  readonly seen: Observation[];
  stored: StoredPair | undefined;
  readonly spares: Observation[];
  retractedAt: number;
}

/**
 * The pairs whose strongest observation is another one now. Writes the spares only.
 * @param retractedAt by what the batch itself decides.
 */
export async function observePairs(
  transaction: Transaction,
  evidence: readonly PairEvidence[],
  known: Known,
  retractedAt: ReadonlyMap<string, number> = new Map(),
): Promise<ChangedPair[]> {
  if (evidence.length === 0) return [];
  const observed = groupEvidence(evidence, known, retractedAt);
  await loadStored(transaction, observed);
  const changed: ChangedPair[] = [];
  const respared: [ObservedPair, Observation[]][] = [];
  for (const pair of observed.values()) {
    const [strongest, ...spares] = keepUndominated([
      ...(pair.stored === undefined ? [] : [pair.stored]),
      ...pair.spares,
      ...pair.seen.filter(({ at }) => at > pair.retractedAt),
    ]);
    if (!sameObservations(spares, pair.spares)) respared.push([pair, spares]);
    const change = strongest === undefined ? undefined : changeOf(pair, strongest);
    if (change !== undefined) changed.push(change);
  }
  await writeSpares(transaction, respared);
  return changed;
}

function groupEvidence(
  evidence: readonly PairEvidence[],
  known: Known,
  retractedAt: ReadonlyMap<string, number>,
): Map<string, ObservedPair> {
  const observed = new Map<string, ObservedPair>();
  for (const pair of evidence) {
    const [left, right] = endsOf(pair, known);
    const key = pairKey(left.id, right.id);
    const group = observed.get(key);
    if (group !== undefined) group.seen.push(pair);
    else observed.set(key, newGroup(left, right, pair, retractedAt.get(key)));
  }
  return observed;
}

function newGroup(
  left: KnownIdentifier,
  right: KnownIdentifier,
  pair: PairEvidence,
  retractedAt: number = Number.NEGATIVE_INFINITY,
): ObservedPair {
  return { left, right, seen: [pair], stored: undefined, spares: [], retractedAt };
}

function endsOf(pair: PairEvidence, known: Known): [KnownIdentifier, KnownIdentifier] {
  const left = knownOf(pair.left, known);
  const right = knownOf(pair.right, known);
  return left.id < right.id ? [left, right] : [right, left];
}

export function knownOf(identifier: StandardIdentifier, known: Known): KnownIdentifier {
  const found = known.byHash.get(identifier.hash);
  if (found === undefined) {
    throw new Error(`IDENTITY_NOT_INTERNED: an identifier of ${identifier.namespace} has no row`);
  }
  return found;
}

export function pairKey(left: number, right: number): string {
  return `${left}:${right}`;
}

export interface PairRow {
  left_id: number;
  right_id: number;
  trust: TrustRank;
  probability: number;
  at: number;
  source: string;
  message_hash: string;
  number: number;
  left_keeps: boolean;
  right_keeps: boolean;
  rejected_by: string | null;
}

async function loadStored(
  transaction: Transaction,
  observed: ReadonlyMap<string, ObservedPair>,
): Promise<void> {
  const old = [...observed.values()].filter(({ left, right }) => !left.isNew && !right.isNew);
  for (const slice of slices(old)) {
    const rows = await transaction.query<PairRow & { kind: number }>(selectObservations, [
      slice.map(({ left }) => left.id),
      slice.map(({ right }) => right.id),
    ]);
    for (const row of rows) {
      const pair = observed.get(pairKey(row.left_id, row.right_id));
      if (pair === undefined) continue;
      if (row.kind === 0) pair.stored = pairFrom(row);
      else if (row.kind === 1) pair.spares.push(pairFrom(row));
      else pair.retractedAt = row.at;
    }
  }
}

export function pairFrom(row: PairRow): StoredPair {
  return {
    left: row.left_id,
    right: row.right_id,
    trust: row.trust,
    probability: row.probability,
    at: row.at,
    source: row.source,
    messageHash: row.message_hash,
    number: row.number,
    leftKeeps: row.left_keeps,
    rightKeeps: row.right_keeps,
    rejectedBy: row.rejected_by,
  };
}

function changeOf(
  { left, right, stored }: ObservedPair,
  strongest: Observation,
): ChangedPair | undefined {
  if (stored !== undefined && sameObservation(stored, strongest)) return undefined;
  const { leftKeeps, rightKeeps, rejectedBy } = stored ?? fresh;
  const { trust, probability, at, source, messageHash, number } = strongest;
  const observation = { trust, probability, at, source, messageHash, number };
  const ends = { left: left.id, right: right.id };
  const pair = { ...ends, ...observation, leftKeeps, rightKeeps, rejectedBy };
  return { pair, left, right, isNew: stored === undefined, isOtherTrust: stored?.trust !== trust };
}

const fresh = { leftKeeps: true, rightKeeps: true, rejectedBy: null };

function sameObservation(one: Observation, other: Observation): boolean {
  return (
    one.messageHash === other.messageHash &&
    one.at === other.at &&
    one.trust === other.trust &&
    one.probability === other.probability
  );
}

function sameObservations(some: readonly Observation[], others: readonly Observation[]): boolean {
  return (
    some.length === others.length &&
    some.every((one) => others.some((other) => sameObservation(one, other)))
  );
}

async function writeSpares(
  transaction: Transaction,
  respared: readonly (readonly [ObservedPair, readonly Observation[]])[],
): Promise<void> {
  for (const slice of slices(respared)) {
    const had = slice.filter(([pair]) => pair.spares.length > 0);
    if (had.length > 0) {
      await transaction.query(deleteSpares, [
        had.map(([{ left }]) => left.id),
        had.map(([{ right }]) => right.id),
      ]);
    }
    const rows = slice.flatMap(([{ left, right }, spares]) =>
      spares.map((spare) => ({ ...spare, left: left.id, right: right.id })),
    );
    if (rows.length > 0) await transaction.query(insertSpares, observationColumns(rows));
  }
}

export function observationColumns(
  rows: readonly (Observation & { readonly left: number; readonly right: number })[],
): unknown[] {
  return [
    rows.map((row) => row.left),
    rows.map((row) => row.right),
    rows.map((row) => row.trust),
    rows.map((row) => row.probability),
    rows.map((row) => row.at),
    rows.map((row) => row.source),
    rows.map((row) => row.messageHash),
    rows.map((row) => row.number),
  ];
}
