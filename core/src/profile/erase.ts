// Erasure is a record in the log: it covers exactly the identifiers it names, up to its time, for
// facts that are here already and for those that arrive late.
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import type { Accumulator, Stamp } from './accumulator.ts';
import {
  deleteErasedFacts,
  deleteSubjectStates,
  selectErasures,
  selectSubjectStates,
  upsertErasures,
  upsertSubjectStates,
} from './plans.ts';
import type { TraitState } from './fold-traits.ts';

/** Writes the erasures of a batch. Must come before anything of the batch is folded. */
export async function recordErasures(
  transaction: Transaction,
  records: readonly StandardRecord[],
): Promise<void> {
  const latest = new Map<string, { at: number; number: number }>();
  for (const record of records) {
    if (record.type !== 'delete') continue;
    for (const { hash } of [...record.identifiers, ...record.contacts]) {
      if ((latest.get(hash)?.at ?? -Infinity) < record.at) {
        latest.set(hash, { at: record.at, number: record.number });
      }
    }
  }
  if (latest.size === 0) return;
  const entries = [...latest];
  await transaction.query(upsertErasures, [
    entries.map(([hash]) => hash),
    entries.map(([, { at }]) => isoTime(at)),
    entries.map(([, { number }]) => number),
  ]);
}

/** Those of the records that no erasure has forgotten. */
export async function withoutErased(
  transaction: Transaction,
  records: readonly StandardRecord[],
): Promise<readonly StandardRecord[]> {
  const hashes = new Set(records.flatMap(({ subject }) => (subject ? [subject.hash] : [])));
  if (hashes.size === 0) return records;
  const rows = await transaction.query<{ identifier_hash: string; at: number }>(selectErasures, [
    [...hashes],
  ]);
  if (rows.length === 0) return records;
  const erasedAt = new Map(rows.map((row) => [row.identifier_hash, row.at]));
  return records.filter(({ subject, at }) => at > (erasedAt.get(subject?.hash ?? '') ?? -Infinity));
}

/** Removes what the batch's erasures cover from facts and accumulators. */
export async function eraseFacts(
  transaction: Transaction,
  records: readonly StandardRecord[],
  idOf: ReadonlyMap<string, number>,
): Promise<void> {
  const erasedAt = new Map<number, number>();
  for (const record of records) {
    if (record.type !== 'delete') continue;
    for (const { hash } of record.identifiers) {
      const id = idOf.get(hash);
      if (id !== undefined) erasedAt.set(id, Math.max(record.at, erasedAt.get(id) ?? -Infinity));
    }
  }
  if (erasedAt.size === 0) return;
  const ids = [...erasedAt.keys()];
  await transaction.query(deleteErasedFacts, [ids, [...erasedAt.values()].map(isoTime)]);
  await eraseStates(transaction, erasedAt);
}

async function eraseStates(
  transaction: Transaction,
  erasedAt: ReadonlyMap<number, number>,
): Promise<void> {
  const rows = await transaction.query<{ subject_id: number; traits: TraitState }>(
    selectSubjectStates,
    [[...erasedAt.keys()]],
  );
  if (rows.length === 0) return;
  const kept = rows.map((row) => ({
    id: row.subject_id,
    traits: eraseState(row.traits, erasedAt.get(row.subject_id) ?? -Infinity),
  }));
  const empty = kept.filter(({ traits }) => Object.keys(traits).length === 0);
  const rest = kept.filter(({ traits }) => Object.keys(traits).length > 0);
  if (empty.length > 0) await transaction.query(deleteSubjectStates, [empty.map(({ id }) => id)]);
  if (rest.length === 0) return;
  await transaction.query(upsertSubjectStates, [
    rest.map(({ id }) => id),
    rest.map(({ traits }) => JSON.stringify(traits)),
  ]);
}

/** What was said after the erasure. Of a value said before and after only the later statement stays. */
export function eraseState(state: TraitState, erasedAt: number): TraitState {
  const kept: Record<string, Accumulator> = {};
  for (const [name, accumulator] of Object.entries(state)) {
    const rest = eraseAccumulator(accumulator, erasedAt);
    if (rest) kept[name] = rest;
  }
  return kept;
}

function eraseAccumulator(accumulator: Accumulator, erasedAt: number): Accumulator | undefined {
  const stays = (stamp: Stamp): boolean => stamp.t > erasedAt;
  switch (accumulator.k) {
    case 'latest':
      return stays(accumulator.c) ? accumulator : undefined;
    case 'sources': {
      const kept = Object.entries(accumulator.c).filter(([, contribution]) => stays(contribution));
      return kept.length > 0 ? { k: 'sources', c: Object.fromEntries(kept) } : undefined;
    }
    case 'values': {
      const kept = Object.entries(accumulator.c)
        .filter(([, value]) => stays(value.last))
        .map(([key, value]) =>
          stays(value.first)
            ? ([key, value] as const)
            : ([key, { ...value, first: { t: value.last.t, h: value.last.h }, count: 1 }] as const),
        );
      const d = accumulator.d && stays(accumulator.d) ? accumulator.d : null;
      return kept.length > 0 || d ? { k: 'values', d, c: Object.fromEntries(kept) } : undefined;
    }
  }
}
