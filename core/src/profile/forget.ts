// Takes facts away by the record they came from, and puts traits that were folded anew in place of the old.
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { stateOf, type TraitFold, type TraitState } from './fold-traits.ts';
import { deleteFactsOfRecords, deleteSubjectStates, upsertSubjectStates } from './plans.ts';
import type { ProfileSettings } from './settings.ts';

export async function forgetFacts(
  transaction: Transaction,
  facts: readonly { readonly subjectId: number; readonly number: number }[],
): Promise<void> {
  if (facts.length === 0) return;
  await transaction.query(deleteFactsOfRecords, [
    facts.map(({ subjectId }) => subjectId),
    facts.map(({ number }) => number),
  ]);
}

/** Joins what records leave behind into the fold of their subject. */
export function joinRecords(
  foldOf: (subjectHash: string) => TraitFold,
  records: readonly StandardRecord[],
  settings: ProfileSettings,
): void {
  for (const record of records) {
    if (record.subject?.kind !== 'person') continue;
    foldOf(record.subject.hash).join(stateOf(record.traits, record, settings));
  }
}

/** Subject id → all that its records leave behind. */
export async function replaceStates(
  transaction: Transaction,
  states: ReadonlyMap<number, TraitState>,
): Promise<void> {
  const all = [...states];
  const empty = all.filter(([, state]) => Object.keys(state).length === 0);
  const kept = all.filter(([, state]) => Object.keys(state).length > 0);
  if (empty.length > 0) await transaction.query(deleteSubjectStates, [empty.map(([id]) => id)]);
  if (kept.length === 0) return;
  await transaction.query(upsertSubjectStates, [
    kept.map(([id]) => id),
    kept.map(([, state]) => JSON.stringify(state)),
  ]);
}
