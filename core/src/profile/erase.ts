// Erasure is a record in the log: it covers exactly the identifiers it names, up to its time. Identity
// says which of them are known; here their facts and traits are forgotten.
import type { ErasedIdentifier } from '../identity/change.ts';
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import type { Accumulator, Stamp } from './accumulator.ts';
import {
  deleteErasedFacts,
  deleteSubjectStates,
  selectSubjectStates,
  upsertSubjectStates,
} from './plans.ts';
import type { TraitState } from './fold-traits.ts';

/** Removes what erasures cover from facts and accumulators. */
export async function eraseFacts(
  transaction: Transaction,
  erased: readonly ErasedIdentifier[],
): Promise<void> {
  if (erased.length === 0) return;
  await transaction.query(deleteErasedFacts, [
    erased.map(({ id }) => id),
    erased.map(({ at }) => isoTime(at)),
  ]);
  await eraseStates(transaction, new Map(erased.map(({ id, at }) => [id, at])));
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
