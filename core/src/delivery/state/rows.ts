// Reads and writes whole batches of ledger rows.
import { isoTime, type Queryable, type Transaction } from '../../store/store.ts';
import {
  dropErased,
  lockByKeyHash,
  lockRows,
  selectByKeyHash,
  selectRows,
  writeRows,
} from './plans.ts';
import type { ChangeStatus, LedgerRow } from './ledger-row.ts';

export async function lockLedgerByKeys(
  transaction: Transaction,
  instance: string,
  keyHashes: readonly string[],
): Promise<LedgerRow[]> {
  if (keyHashes.length === 0) return [];
  return transaction.query<LedgerRow>(lockByKeyHash, [instance, keyHashes]);
}

/** To look at, not to change. */
export async function readLedgerByKeys(
  queryable: Queryable,
  instance: string,
  keyHashes: readonly string[],
): Promise<LedgerRow[]> {
  if (keyHashes.length === 0) return [];
  return queryable.query<LedgerRow>(selectByKeyHash, [instance, keyHashes]);
}

/** Only rows that still have the status: what somebody else has settled meanwhile is left alone. */
export async function lockLedgerRows(
  transaction: Transaction,
  instance: string,
  list: string,
  keyHashes: readonly string[],
  status: ChangeStatus,
): Promise<LedgerRow[]> {
  return transaction.query<LedgerRow>(lockRows, [instance, list, keyHashes, status]);
}

export async function readLedgerRows(
  queryable: Queryable,
  instance: string,
  list: string,
  keyHashes: readonly string[],
): Promise<LedgerRow[]> {
  return queryable.query<LedgerRow>(selectRows, [instance, list, keyHashes]);
}

export async function writeLedgerRows(
  transaction: Transaction,
  rows: readonly LedgerRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await transaction.query(writeRows, [JSON.stringify(rows.map(toColumns))]);
}

/** Deletes what an erasure has brought to its end. */
export async function dropErasedRows(
  transaction: Transaction,
  instance: string,
  rows: readonly LedgerRow[],
): Promise<void> {
  const done = rows.filter((row) => row.cause === 'erased' && row.status === 'settled');
  if (done.length === 0) return;
  await transaction.query(dropErased, [instance, done.map((row) => row.keyHash)]);
}

const times: ReadonlySet<string> = new Set([
  'dueAt',
  'refreshBy',
  'seenAt',
  'plannedAt',
  'changedAt',
]);

function toColumns(row: LedgerRow): Record<string, unknown> {
  const entries = Object.entries(row).map(([field, value]): [string, unknown] => [
    field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    times.has(field) && typeof value === 'number' ? isoTime(value) : value,
  ]);
  return Object.fromEntries(entries);
}
