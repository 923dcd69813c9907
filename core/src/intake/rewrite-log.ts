// The one way in which what was accepted is ever changed: less of it is kept, because somebody
// was erased, or because it is older than data of its kind is kept.
// Numbers, times and the hashes of deduplication stay.
import { encodeStored } from '../standardise/payload-codec.ts';
import { isReduced, type StoredRecord } from '../standardise/reduced-record.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { Queryable, Transaction } from '../store/store.ts';
import {
  blankQuarantine,
  rewriteEvents,
  selectDeletes,
  selectHead,
  selectKeptAside,
  selectLogSlice,
  updateSubjects,
} from './plans.ts';

export interface LogEvent {
  number: number;
  source: string;
  message_hash: string;
  received_at: number;
  at: number;
  historical: boolean;
  key_id: number;
  payload: Uint8Array;
}

export async function readHead(queryable: Queryable): Promise<number> {
  const [row] = await queryable.query<{ last: number }>(selectHead);
  return row?.last ?? 0;
}

/** Events after one number and up to another, in order. */
export function readLogSlice(
  queryable: Queryable,
  after: number,
  upTo: number,
  limit: number,
): Promise<LogEvent[]> {
  return queryable.query<LogEvent>(selectLogSlice, [after, upTo, limit]);
}

/** Delete records after a number, in order. */
export function readDeletes(
  queryable: Queryable,
  after: number,
  upTo: number,
  limit: number,
): Promise<LogEvent[]> {
  return queryable.query<LogEvent>(selectDeletes, [after, upTo, limit]);
}

export interface Rewritten {
  readonly number: number;
  readonly stored: StoredRecord;
}

export async function rewriteLog(
  transaction: Transaction,
  rewritten: readonly Rewritten[],
): Promise<void> {
  if (rewritten.length === 0) return;
  const encoded = rewritten.map(({ stored }) => encodeStored(stored));
  await transaction.query(rewriteEvents, [
    rewritten.map(({ number }) => number),
    encoded.map(({ keyId }) => keyId),
    encoded.map(({ bytes }) => bytes),
    // Whose it was is what an erasure forgets.
    rewritten.map(({ stored }) => !isReduced(stored)),
  ]);
}

/** Statements stay short on the embedded store, where all others wait for each. */
const mostSubjects = 1_000;

/** Whose records are, by config as it is now; their bytes stay as they are. */
export async function noteSubjects(
  transaction: Transaction,
  records: readonly Pick<StandardRecord, 'number' | 'subject'>[],
): Promise<void> {
  for (let from = 0; from < records.length; from += mostSubjects) {
    const slice = records.slice(from, from + mostSubjects);
    await transaction.query(updateSubjects, [
      slice.map(({ number }) => number),
      slice.map(({ subject }) => subject?.hash ?? null),
    ]);
  }
}

export interface KeptAside {
  id: number;
  source: string;
  receivedAt: number;
  code: string;
  message: string;
  payload: Uint8Array | null;
}

/** What quarantine holds of its own, after an id, in order. */
export function readKeptAside(
  queryable: Queryable,
  after: number,
  limit: number,
): Promise<KeptAside[]> {
  return queryable.query<KeptAside>(selectKeptAside, [after, limit]);
}

/** Takes bytes and words away; open entries are dropped. */
export async function blankKeptAside(
  transaction: Transaction,
  ids: readonly number[],
  reason: string,
): Promise<void> {
  if (ids.length > 0) await transaction.query(blankQuarantine, [ids, reason]);
}
