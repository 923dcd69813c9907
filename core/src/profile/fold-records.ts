// Hangs a batch's facts on their subjects: events as rows, traits as accumulators. No fact carries a
// profile; who is who is decided elsewhere and may change without touching anything here.
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { createTraitFolds, stateOf, type TraitState } from './fold-traits.ts';
import { insertFacts, selectSubjectStates, upsertSubjectStates } from './plans.ts';
import type { ProfileSettings } from './settings.ts';

export interface FoldedRecords {
  /** Log numbers of the records that set a trait. */
  readonly traitRecords: ReadonlySet<number>;
  /** Statements of traits that were left out because their subject has as many names as are kept. */
  readonly traitsLeftOut: number;
}

export async function foldRecords(
  transaction: Transaction,
  records: readonly StandardRecord[],
  idOf: ReadonlyMap<string, number>,
  settings: ProfileSettings,
): Promise<FoldedRecords> {
  await writeFacts(transaction, records, idOf);
  const identifies = records.filter(setsTraits);
  const traitsLeftOut = await foldStates(
    transaction,
    identifies.filter((record) => record.subject?.kind === 'person'),
    idOf,
    settings,
  );
  return { traitRecords: new Set(identifies.map((record) => record.number)), traitsLeftOut };
}

/** The events among the records, as rows. */
export async function writeFacts(
  transaction: Transaction,
  records: readonly StandardRecord[],
  idOf: ReadonlyMap<string, number>,
): Promise<void> {
  const facts = records.filter(isFact);
  if (facts.length > 0) await transaction.query(insertFacts, factColumns(facts, idOf));
}

function setsTraits(record: StandardRecord): boolean {
  return record.type === 'identify' && Object.keys(record.traits).length > 0;
}

/** Traits on a device are rows, because a device's facts change hands by time. */
function isFact(record: StandardRecord): boolean {
  switch (record.type) {
    case 'track':
    case 'page':
    case 'screen':
    case 'group':
      return record.subject !== undefined;
    case 'identify':
      return record.subject?.kind === 'device' && setsTraits(record);
    case 'alias':
    case 'consent':
    case 'delete':
    case 'decision':
      return false;
  }
}

function factColumns(
  facts: readonly StandardRecord[],
  idOf: ReadonlyMap<string, number>,
): unknown[] {
  return [
    facts.map((record) => subjectId(record, idOf)),
    facts.map((record) => record.type),
    facts.map((record) => record.name),
    facts.map((record) => record.at),
    facts.map((record) => record.number),
    facts.map((record) => record.messageHash),
    facts.map((record) => record.source),
    facts.map((record) =>
      JSON.stringify(record.type === 'identify' ? record.traits : record.properties),
    ),
  ];
}

function subjectId(record: StandardRecord, idOf: ReadonlyMap<string, number>): number {
  const id = idOf.get(record.subject?.hash ?? '');
  if (id === undefined) {
    throw new Error(`SUBJECT_NOT_INTERNED: record ${record.number}: its subject has no id.`);
  }
  return id;
}

/** @returns how many statements were left out. */
async function foldStates(
  transaction: Transaction,
  records: readonly StandardRecord[],
  idOf: ReadonlyMap<string, number>,
  settings: ProfileSettings,
): Promise<number> {
  if (records.length === 0) return 0;
  const folds = createTraitFolds<number>(settings);
  const ids = new Set(records.map((record) => subjectId(record, idOf)));
  const known = await transaction.query<{ subject_id: number; traits: TraitState }>(
    selectSubjectStates,
    [[...ids]],
  );
  for (const row of known) folds.of(row.subject_id).join(row.traits);
  for (const record of records) {
    folds.of(subjectId(record, idOf)).join(stateOf(record.traits, record, settings));
  }
  const states = folds.states();
  await transaction.query(upsertSubjectStates, [
    [...states.keys()],
    [...states.values()].map((state) => JSON.stringify(state)),
  ]);
  return folds.leftOut();
}
