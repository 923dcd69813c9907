// Reads the next events of the log and standardises them. What cannot be standardised any more (config
// has changed since it was accepted) goes to quarantine by its number; its bytes stay in the log.
import { recallStandard, type JustCommitted, type NumberedRow } from '../intake/just-committed.ts';
import type { QuarantineEntry } from '../intake/quarantine.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { decodePayload } from '../standardise/payload-codec.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';
import { standardiseStored } from '../standardise/reduced-record.ts';
import type { EventHeader, StandardiseSettings } from '../standardise/standardise.ts';
import type { Transaction } from '../store/store.ts';
import { lockCursor, selectEvents } from './plans.ts';

export interface EventRow {
  number: number;
  source: string;
  message_hash: string;
  received_at: number;
  at: number;
  historical: boolean;
  key_id: number;
  payload: Uint8Array;
}

export interface Batch {
  /** The number of its last event. */
  readonly upTo: number;
  readonly historical: boolean;
  readonly records: readonly StandardRecord[];
  readonly quarantined: readonly QuarantineEntry[];
}

export interface ReadBatchOptions {
  readonly limit: number;
  /** Numbers to put aside instead of resolving them, with the reason. */
  readonly skip: ReadonlyMap<number, string>;
  readonly settings: StandardiseSettings;
  readonly keys: DeploymentKeys;
  /** Spares a look into the log; absent: everything is read there. */
  readonly justCommitted?: Pick<JustCommitted, 'takeAfter'> | undefined;
}

/** A run of events that are all live or all back-filled; undefined at the end of the log. */
export async function readBatch(
  transaction: Transaction,
  options: ReadBatchOptions,
): Promise<Batch | undefined> {
  const [cursor] = await transaction.query<{ position: number }>(lockCursor);
  const position = cursor?.position ?? 0;
  const known = options.justCommitted?.takeAfter(position, options.limit);
  const rows =
    known?.map(eventRow) ??
    (await transaction.query<EventRow>(selectEvents, [position, options.limit]));
  const first = rows[0];
  if (!first) return undefined;
  const end = rows.findIndex((row) => row.historical !== first.historical);
  const run = end === -1 ? rows : rows.slice(0, end);
  return {
    ...standardiseRows(run, options),
    historical: first.historical,
    upTo: run.at(-1)?.number ?? 0,
  };
}

export function standardiseRows(
  rows: readonly EventRow[],
  options: Pick<ReadBatchOptions, 'skip' | 'settings' | 'keys'>,
): Pick<Batch, 'records' | 'quarantined'> {
  const records: StandardRecord[] = [];
  const quarantined: QuarantineEntry[] = [];
  for (const row of rows) {
    const skipped = options.skip.get(row.number);
    const result =
      skipped === undefined
        ? standardiseRow(row, options)
        : { problem: { code: 'RESOLVE_FAILED', message: skipped } };
    if (result === undefined) continue;
    if ('record' in result) records.push(result.record);
    else quarantined.push(quarantineEntry(row, result.problem));
  }
  return { records, quarantined };
}

/** Undefined: nothing is left of the record. */
export function standardiseRow(
  row: EventRow,
  { settings, keys }: Pick<ReadBatchOptions, 'settings' | 'keys'>,
): ReturnType<typeof standardiseStored> {
  const known = recallStandard(row.payload, settings);
  if (known) return { record: { ...known, number: row.number } };
  const stored = decodePayload({ keyId: row.key_id, bytes: row.payload });
  return standardiseStored(headerOf(row), stored, settings, keys);
}

export function headerOf(row: EventRow): EventHeader {
  return {
    number: row.number,
    source: row.source,
    messageHash: row.message_hash,
    receivedAt: row.received_at,
    at: row.at,
    historical: row.historical,
  };
}

function quarantineEntry(
  row: EventRow,
  problem: { readonly code: string; readonly message: string },
): QuarantineEntry {
  return {
    source: row.source,
    receivedAt: row.received_at,
    ...problem,
    number: row.number,
    keyId: null,
    payload: null,
  };
}

function eventRow({ number, row }: NumberedRow): EventRow {
  return {
    number,
    source: row.source,
    message_hash: row.messageHash,
    received_at: row.receivedAt,
    at: row.at,
    historical: row.historical,
    key_id: row.keyId,
    payload: row.payload,
  };
}
