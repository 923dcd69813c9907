// What an operator says of two identifiers: that they are different people, or that what was observed
// of them up to a time is wrong. A merge is undone by computing people anew from less evidence.
import type { StandardIdentifier } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import type { IdentityChange } from './change.ts';
import { deleteRetracted, upsertNeverSame, upsertRetractions } from './decide-plans.ts';
import { describeChange } from './describe-change.ts';
import { noErasures } from './erase.ts';
import { promoteSpares } from './erase-plans.ts';
import { gatherFacts } from './gather.ts';
import { loadKnown, type Known } from './known.ts';
import { regroup } from './regroup.ts';
import type { IdentitySettings } from './settings.ts';

export interface PairDecision {
  /** `retract`: observations of the pair up to `at`, whenever they arrive, do not count. */
  readonly kind: 'never_same' | 'retract';
  readonly left: StandardIdentifier;
  readonly right: StandardIdentifier;
  readonly at: number;
  /** Log number of the decision. */
  readonly number: number;
}

interface KnownDecision {
  readonly left: number;
  readonly right: number;
  readonly at: number;
  readonly number: number;
}

/** Decisions about an identifier that is not known, or with itself, change nothing. */
export async function applyDecisions(
  transaction: Transaction,
  decisions: readonly PairDecision[],
  settings: IdentitySettings,
): Promise<IdentityChange> {
  const ends = decisions.flatMap(({ left, right }) => [left, right]);
  const known = await loadKnown(transaction, new Map(ends.map((end) => [end.hash, end])));
  await declareNeverSame(transaction, ofKind(decisions, 'never_same', known));
  await retract(transaction, ofKind(decisions, 'retract', known));
  const labels = new Set([...known.byHash.values()].map(({ component }) => component));
  const cause = { changed: [], aged: [], labels, everyPair: true };
  const moves = await regroup(transaction, cause, known, settings);
  const numbers = decisions.map(({ number }) => number);
  return describeChange({
    firstNumber: Math.min(...numbers),
    gathered: gatherFacts([], known.erasedAt),
    known,
    erasures: noErasures,
    changed: [],
    moves,
    devices: { shifts: [], owners: new Map() },
  });
}

function ofKind(
  decisions: readonly PairDecision[],
  kind: PairDecision['kind'],
  known: Known,
): KnownDecision[] {
  const latest = new Map<string, KnownDecision>();
  for (const decision of decisions) {
    const one = known.byHash.get(decision.left.hash);
    const other = known.byHash.get(decision.right.hash);
    if (decision.kind !== kind || one === undefined || other === undefined) continue;
    if (one.id === other.id) continue;
    const [left, right] = one.id < other.id ? [one.id, other.id] : [other.id, one.id];
    const key = `${left}:${right}`;
    if ((latest.get(key)?.at ?? Number.NEGATIVE_INFINITY) >= decision.at) continue;
    latest.set(key, { left, right, at: decision.at, number: decision.number });
  }
  return [...latest.values()];
}

async function declareNeverSame(
  transaction: Transaction,
  decisions: readonly KnownDecision[],
): Promise<void> {
  if (decisions.length > 0) await transaction.query(upsertNeverSame, columnsOf(decisions));
}

async function retract(
  transaction: Transaction,
  decisions: readonly KnownDecision[],
): Promise<void> {
  if (decisions.length === 0) return;
  const columns = columnsOf(decisions);
  await transaction.query(upsertRetractions, columns);
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
    decisions.map(({ left }) => left),
    decisions.map(({ right }) => right),
    decisions.map(({ at }) => isoTime(at)),
    decisions.map(({ number }) => number),
  ];
}
