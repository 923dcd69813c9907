// Folds anew what rests on log rows of which less is left than was: their facts go, or are written as they
// now are, and the traits of their subjects are joined again from the log, as a rebuild would.
import { forgetFacts, joinRecords, replaceStates } from '../profile/forget.ts';
import { writeFacts } from '../profile/fold-records.ts';
import { createTraitFolds, type TraitState } from '../profile/fold-traits.ts';
import { readHorizons } from '../retention/horizons.ts';
import { markProfilesChanged, refreshProfiles } from '../profile/refresh-profiles.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { ageRows } from './age-rows.ts';
import { takeChange } from './change.ts';
import { lockResolved } from './lock-resolved.ts';
import {
  selectPutAside,
  selectIdentifiesOfSubjects,
  selectProfilesOfSubjects,
  selectSubjectIds,
} from './plans.ts';
import type { EventRow } from './event-row.ts';
import { standardiseRows } from './read-batch.ts';
import type { ResolveRoom } from './room.ts';

export interface ChangedRows {
  /** Subject's hash and log number of every row that was rewritten. */
  readonly before: readonly {
    readonly hash: string;
    readonly number: number;
    /** False: no trait rests on it. Default true. */
    readonly saysTraits?: boolean;
  }[];
  /** What those rows say now, where they are facts of somebody still. */
  readonly after: readonly StandardRecord[];
}

/** In the transaction that rewrites the log, and not beside resolve: locks its cursor. */
export async function refold(
  transaction: Transaction,
  { before, after }: ChangedRows,
  room: ResolveRoom,
): Promise<void> {
  const position = await lockResolved(transaction);
  const resolved = before.filter(({ number }) => number <= position);
  const ids = await loadIds(transaction, [...new Set(resolved.map(hashOf))]);
  if (ids.size === 0) return;
  await forgetFacts(
    transaction,
    resolved.flatMap(({ hash, number }) => {
      const subjectId = ids.get(hash);
      return subjectId === undefined ? [] : [{ subjectId, number }];
    }),
  );
  const facts = await counting(transaction, after.filter(isAmong(ids, position)));
  await writeFacts(transaction, facts, ids);
  const told = new Set(resolved.filter(({ saysTraits }) => saysTraits !== false).map(hashOf));
  const stale = new Map([...ids].filter(([hash]) => told.has(hash)));
  await replaceStates(transaction, await foldTraits(transaction, stale, room));
  await refresh(transaction, [...ids.values()], room);
}

function hashOf({ hash }: { readonly hash: string }): string {
  return hash;
}

function isAmong(ids: ReadonlyMap<string, number>, position: number) {
  return ({ number, subject }: StandardRecord): boolean =>
    number <= position && subject !== undefined && ids.has(subject.hash);
}

/** Without what was put aside: it is in the log, and counts for nothing. */
async function counting(
  transaction: Transaction,
  records: readonly StandardRecord[],
): Promise<readonly StandardRecord[]> {
  if (records.length === 0) return records;
  const numbers = records.map(({ number }) => number);
  const aside = await transaction.query<{ number: number }>(selectPutAside, [numbers]);
  const left = new Set(aside.map(({ number }) => number));
  return records.filter(({ number }) => !left.has(number));
}

async function loadIds(
  transaction: Transaction,
  hashes: readonly string[],
): Promise<Map<string, number>> {
  if (hashes.length === 0) return new Map();
  const rows = await transaction.query<{ id: number; hash: string }>(selectSubjectIds, [hashes]);
  return new Map(rows.map(({ id, hash }) => [hash, id]));
}

/** Rows read at once: a subject may have said a lot. */
const pageSize = 2_000;

async function foldTraits(
  transaction: Transaction,
  ids: ReadonlyMap<string, number>,
  room: ResolveRoom,
): Promise<Map<number, TraitState>> {
  if (ids.size === 0) return new Map();
  const folds = createTraitFolds<string>(room.settings.profile);
  const horizons = await readHorizons(transaction);
  for (let after = 0; ;) {
    const rows = await transaction.query<EventRow>(selectIdentifiesOfSubjects, [
      [...ids.keys()],
      after,
      pageSize,
    ]);
    const aged = ageRows(rows, horizons, room).rows;
    const { records } = standardiseRows(aged, { ...room, skip: new Map() });
    joinRecords(folds.of, records, room.settings.profile);
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) break;
    after = last.number;
  }
  return new Map([...ids].map(([hash, id]) => [id, folds.of(hash).state()]));
}

async function refresh(
  transaction: Transaction,
  ids: readonly number[],
  room: ResolveRoom,
): Promise<void> {
  const rows = await transaction.query<{ profile_id: string }>(selectProfilesOfSubjects, [ids]);
  const touched = new Set(rows.map((row) => row.profile_id));
  const vanished = new Set<string>();
  const change = await takeChange(transaction);
  const sets = { touched, stale: touched, vanished };
  const { written } = await refreshProfiles(transaction, sets, change, room.settings.profile);
  if (room.evaluate) {
    await room.audiences.evaluate(transaction, {
      touched,
      vanished,
      origins: new Map(),
      now: room.now(),
      cause: 'historical',
      change,
    });
  }
  await markProfilesChanged(transaction, written, change);
}
