// What could not be taken is kept with its reason, as it came, until somebody mends the cause and
// replays it or drops it with a reason of her own.
import type { Queryable, Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import {
  ageQuarantineEntries,
  insertQuarantine,
  selectOpenQuarantine,
  selectQuarantine,
  selectQuarantinePayload,
  settleQuarantine,
} from './plans.ts';

export interface QuarantineEntry {
  readonly source: string;
  readonly receivedAt: number;
  readonly code: string;
  readonly message: string;
  /** The log number of a record that was accepted and failed later; its payload stays in the log. */
  readonly number: number | null;
  readonly keyId: number | null;
  readonly payload: Uint8Array | null;
  /** Keyed hashes of whom it names, as far as can be told; by these intake decides, and keeps none of them. */
  readonly named?: readonly string[];
}

/** Longer messages are cut: they may quote what came from outside. */
const maxMessage = 1_000;

export async function writeQuarantine(
  transaction: Transaction,
  entries: readonly QuarantineEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await transaction.query(insertQuarantine, [
    entries.map((entry) => entry.source),
    entries.map((entry) => isoTime(entry.receivedAt)),
    entries.map((entry) => entry.code),
    entries.map((entry) => toStorable(entry.message)),
    entries.map((entry) => entry.number),
    entries.map((entry) => entry.keyId),
    entries.map((entry) => entry.payload),
  ]);
}

function toStorable(message: string): string {
  return message.slice(0, maxMessage).replaceAll('\u0000', '\\u0000').toWellFormed();
}

export interface QuarantineFilter {
  readonly after?: number;
  readonly source?: string;
  readonly code?: string;
  readonly state?: 'open' | 'replayed' | 'dropped';
  /** Received at or after this moment. */
  readonly since?: number;
  /** Received before this moment. */
  readonly until?: number;
  readonly ids?: readonly number[];
  /** Default 100, at most 1,000. */
  readonly limit?: number;
}

export interface QuarantineRow extends QuarantineEntry {
  readonly id: number;
  readonly state: 'open' | 'replayed' | 'dropped';
  readonly settledAt: number | null;
  readonly settledReason: string | null;
}

interface Row {
  id: number;
  source: string;
  received_at: number;
  code: string;
  message: string;
  number: number | null;
  key_id: number | null;
  payload: Uint8Array | null;
  state: QuarantineRow['state'];
  settled_at: number | null;
  settled_reason: string | null;
}

export async function listQuarantine(
  queryable: Queryable,
  filter: QuarantineFilter,
): Promise<QuarantineRow[]> {
  const wanted = [
    filter.after ?? 0,
    filter.source ?? null,
    filter.code ?? null,
    filter.since === undefined ? null : isoTime(filter.since),
    filter.until === undefined ? null : isoTime(filter.until),
    filter.ids ?? null,
    Math.min(filter.limit ?? 100, 1_000),
  ];
  const rows = await (filter.state === 'open'
    ? queryable.query<Row>(selectOpenQuarantine, wanted)
    : queryable.query<Row>(selectQuarantine, [...wanted, filter.state ?? null]));
  return rows.map((row) => ({
    id: row.id,
    source: row.source,
    receivedAt: row.received_at,
    code: row.code,
    message: row.message,
    number: row.number,
    keyId: row.key_id,
    payload: row.payload,
    state: row.state,
    settledAt: row.settled_at,
    settledReason: row.settled_reason,
  }));
}

export interface QuarantinedPayload {
  readonly id: number;
  readonly source: string;
  readonly code: string;
  readonly receivedAt: number;
  readonly number: number | null;
  readonly keyId: number;
  readonly payload: Uint8Array;
}

/** Locks open entries for a replay; what is settled meanwhile is left out. */
export async function takeQuarantined(
  transaction: Transaction,
  ids: readonly number[],
): Promise<QuarantinedPayload[]> {
  const rows = await transaction.query<Row>(selectQuarantinePayload, [ids]);
  return rows.flatMap((row) =>
    row.payload && row.key_id !== null
      ? [
          {
            id: row.id,
            source: row.source,
            code: row.code,
            receivedAt: row.received_at,
            number: row.number,
            keyId: row.key_id,
            payload: row.payload,
          },
        ]
      : [],
  );
}

/** @returns how many were open. */
export async function settleQuarantined(
  queryable: Queryable,
  ids: readonly number[],
  state: 'replayed' | 'dropped',
  at: number,
  reason: string,
): Promise<number> {
  const rows = await queryable.query(settleQuarantine, [ids, state, isoTime(at), reason]);
  return rows.length;
}

/**
 * Entries received before a moment go. Of those whose record is in the log only the words do: it was accepted, and
 * waits for whoever replays or drops it. @returns how many.
 */
export async function ageQuarantine(
  transaction: Transaction,
  before: number,
  limit: number,
): Promise<number> {
  const aged = await transaction.query(ageQuarantineEntries, [isoTime(before), limit]);
  return aged.length;
}
