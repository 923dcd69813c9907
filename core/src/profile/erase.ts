// Erasure is a record in the log: it covers exactly the identifiers it names, up to its time. Identity
// says which of them are known; here their facts and traits are forgotten.
import type { ErasedIdentifier } from '../identity/change.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import { mostOf, type Accumulator, type Stamp } from './accumulator.ts';
import {
  deleteErasedFacts,
  deleteSubjectStates,
  selectSubjectStates,
  upsertSubjectStates,
} from './plans.ts';
import { createTraitFolds, isFull, stateOf, type TraitState } from './fold-traits.ts';
import type { ProfileSettings } from './settings.ts';
import { isAlwaysKept, traitSettingsOf } from './trait-settings.ts';

/** The resolved identifies whose subject is one of these, from after its erasure. */
export type ReadLaterIdentifies = (
  erased: readonly ErasedIdentifier[],
) => Promise<readonly StandardRecord[]>;

/** Removes what erasures cover from facts and accumulators. */
export async function eraseFacts(
  transaction: Transaction,
  erased: readonly ErasedIdentifier[],
  settings: ProfileSettings,
  readLater: ReadLaterIdentifies,
): Promise<void> {
  if (erased.length === 0) return;
  await transaction.query(deleteErasedFacts, [
    erased.map(({ id }) => id),
    erased.map(({ at }) => isoTime(at)),
  ]);
  await eraseStates(transaction, erased, settings, readLater);
}

async function eraseStates(
  transaction: Transaction,
  erased: readonly ErasedIdentifier[],
  settings: ProfileSettings,
  readLater: ReadLaterIdentifies,
): Promise<void> {
  const known = await transaction.query<{ subject_id: number; traits: TraitState }>(
    selectSubjectStates,
    [erased.map(({ id }) => id)],
  );
  const before = new Map(known.map((row) => [row.subject_id, row.traits]));
  const touched = erased.filter(({ id }) => before.has(id));
  const mixed = touched.filter(({ id, at }) => isMixed(before.get(id) ?? {}, at, settings));
  const refolded = fold(mixed.length === 0 ? [] : await readLater(mixed), settings);
  const after = touched.map(({ id, hash, at }) => ({
    id,
    traits: mixed.some((one) => one.id === id)
      ? (refolded.get(hash) ?? {})
      : eraseState(before.get(id) ?? {}, at),
  }));
  await writeStates(transaction, after);
}

async function writeStates(
  transaction: Transaction,
  states: readonly { readonly id: number; readonly traits: TraitState }[],
): Promise<void> {
  const empty = states.filter(({ traits }) => Object.keys(traits).length === 0);
  const rest = states.filter(({ traits }) => Object.keys(traits).length > 0);
  if (empty.length > 0) await transaction.query(deleteSubjectStates, [empty.map(({ id }) => id)]);
  if (rest.length === 0) return;
  await transaction.query(upsertSubjectStates, [
    rest.map(({ id }) => id),
    rest.map(({ traits }) => JSON.stringify(traits)),
  ]);
}

/** Subject's hash → what its records leave behind. */
function fold(
  records: readonly StandardRecord[],
  settings: ProfileSettings,
): Map<string, TraitState> {
  const folds = createTraitFolds<string>(settings);
  for (const record of records) {
    folds.of(record.subject?.hash ?? '').join(stateOf(record.traits, record, settings));
  }
  return folds.states();
}

/**
 * Counts, first statements, bounded values and bounded names cannot be split at a time afterwards: where some of a
 * trait is erased and some was said later, only the log knows what is left. Rare, because an erasure
 * is seldom older than what is already resolved.
 */
function isMixed(state: TraitState, erasedAt: number, settings: ProfileSettings): boolean {
  if (isFull(state, settings) && losesNames(state, erasedAt, settings)) return true;
  return Object.entries(state).some(([name, accumulator]) => {
    if (accumulator.k !== 'values') return false;
    const values = Object.values(accumulator.c);
    const isFirstErased = accumulator.e !== undefined && accumulator.e.t <= erasedAt;
    const someErased = isFirstErased || values.some(({ first }) => first.t <= erasedAt);
    const someLater = values.some(({ last }) => last.t > erasedAt);
    const full = values.length >= mostOf(traitSettingsOf(settings, name));
    return someErased && (someLater || full);
  });
}

/** Then names that were left out may take their place. */
function losesNames(state: TraitState, erasedAt: number, settings: ProfileSettings): boolean {
  return Object.entries(state).some(
    ([name, accumulator]) =>
      !isAlwaysKept(settings, name) && accumulator.k === 'latest' && accumulator.c.t <= erasedAt,
  );
}

/** What was said after the erasure, of traits that are not mixed. */
function eraseState(state: TraitState, erasedAt: number): TraitState {
  return Object.fromEntries(
    Object.entries(state).flatMap(([name, accumulator]) => {
      const rest = eraseAccumulator(accumulator, erasedAt);
      return rest ? [[name, rest]] : [];
    }),
  );
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
      const kept = Object.entries(accumulator.c).filter(([, value]) => stays(value.first));
      const d = accumulator.d && stays(accumulator.d) ? accumulator.d : null;
      const e = accumulator.e && stays(accumulator.e) ? { e: accumulator.e } : {};
      const isAny = kept.length > 0 || d !== null;
      return isAny ? { k: 'values', d, c: Object.fromEntries(kept), ...e } : undefined;
    }
  }
}
