// What operators say of two identifiers: that they are different people, or that what was observed of them
// up to a time is wrong. A merge is undone by computing people anew from less evidence. Which of several
// decisions about a pair holds never depends on the order in which they arrive.
import type { StandardIdentifier, StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import { deleteRetracted, upsertRetractions, upsertSeparations } from './decide-plans.ts';
import { promoteSpares } from './erase-plans.ts';
import { indexedSlice, slices, type Known, type KnownIdentifier } from './known.ts';
import { compareHashes } from './observation.ts';
import { knownOf, pairKey } from './observe.ts';

/** A merge is none of these: it is evidence, and outlived by what is decided later. */
export interface PairDecision {
  readonly kind: 'separate' | 'lift' | 'retract';
  readonly ends: readonly [StandardIdentifier, StandardIdentifier];
  readonly at: number;
  /** The time that an erasure must reach to take it away: of a retraction, up to when it reaches. */
  readonly reach: number;
  readonly messageHash: string;
  /** Log number of the decision. */
  readonly number: number;
}

/** Undefined: it decides nothing, or to join. */
export function decisionOf(record: StandardRecord): PairDecision | undefined {
  const { decision, at, messageHash, number } = record;
  if (decision === undefined || decision.kind === 'merge') return undefined;
  const [one, other] = record.identifiers;
  if (one === undefined || other === undefined) return undefined;
  const { kind, upTo } = decision;
  const reach = kind === 'retract' ? upTo : at;
  return { kind, ends: [one, other], at, reach, messageHash, number };
}

export interface Decided {
  /** Components to be computed anew. */
  readonly labels: ReadonlySet<number>;
  /** Pair → up to when its observations do not count; for those that nothing is stored of yet. */
  readonly retractedAt: ReadonlyMap<string, number>;
  /** Identifier → the number of a decision about it: the cause where people part. */
  readonly causes: ReadonlyMap<number, number>;
}

interface KnownDecision extends PairDecision {
  readonly left: KnownIdentifier;
  readonly right: KnownIdentifier;
}

/** Before what the batch observed is held against what is stored. */
export async function decidePairs(
  transaction: Transaction,
  decisions: readonly PairDecision[],
  known: Known,
): Promise<Decided> {
  const placed = decisions.map((decision) => placeEnds(decision, known));
  const separations = latestOfEach(placed.filter(({ kind }) => kind !== 'retract'));
  const retractions = latestOfEach(placed.filter(({ kind }) => kind === 'retract'));
  for (const slice of slices(separations, indexedSlice)) {
    await transaction.query(upsertSeparations, [
      ...columnsOf(slice),
      slice.map(({ kind }) => kind === 'lift'),
    ]);
  }
  for (const slice of slices(retractions, indexedSlice)) await retract(transaction, slice);
  const ends = placed.flatMap(({ left, right, number }) => [
    { end: left, number },
    { end: right, number },
  ]);
  return {
    labels: new Set(ends.flatMap(({ end }) => (end.isNew ? [] : [end.component]))),
    retractedAt: new Map(retractions.map((one) => [keyOf(one), one.reach])),
    causes: new Map(ends.map(({ end, number }) => [end.id, number])),
  };
}

function placeEnds(decision: PairDecision, known: Known): KnownDecision {
  const [one, other] = decision.ends.map((end) => knownOf(end, known));
  if (one === undefined || other === undefined) throw new Error('IDENTITY_NOT_INTERNED: an end');
  const [left, right] = one.id < other.id ? [one, other] : [other, one];
  return { ...decision, left, right };
}

function keyOf({ left, right }: KnownDecision): string {
  return pairKey(left.id, right.id);
}

function latestOfEach(decisions: readonly KnownDecision[]): KnownDecision[] {
  const latest = new Map<string, KnownDecision>();
  for (const decision of decisions) {
    const other = latest.get(keyOf(decision));
    if (other === undefined || compareDecisions(decision, other) > 0) {
      latest.set(keyOf(decision), decision);
    }
  }
  return [...latest.values()];
}

/** The statements keep by the same order. At the same moment, apart is stricter than together. */
function compareDecisions(one: PairDecision, other: PairDecision): number {
  return (
    one.reach - other.reach ||
    one.at - other.at ||
    Number(other.kind === 'lift') - Number(one.kind === 'lift') ||
    compareHashes(one.messageHash, other.messageHash)
  );
}

async function retract(
  transaction: Transaction,
  retractions: readonly KnownDecision[],
): Promise<void> {
  const columns = columnsOf(retractions);
  await transaction.query(upsertRetractions, [
    ...columns,
    retractions.map(({ at }) => isoTime(at)),
  ]);
  const lost = await transaction.query<{ left_id: number; right_id: number }>(
    deleteRetracted,
    columns.slice(0, 3),
  );
  if (lost.length === 0) return;
  await transaction.query(promoteSpares, [
    lost.map((pair) => pair.left_id),
    lost.map((pair) => pair.right_id),
  ]);
}

function columnsOf(decisions: readonly KnownDecision[]): unknown[] {
  return [
    decisions.map(({ left }) => left.id),
    decisions.map(({ right }) => right.id),
    decisions.map(({ reach }) => isoTime(reach)),
    decisions.map(({ number }) => number),
    decisions.map(({ messageHash }) => messageHash),
  ];
}
