// Where a source stands, and how far the log has come, as the hub last committed it.
import type { JsonValue } from '@tributary/sdk';
import { isoTime, type Store, type Transaction } from '../store/store.ts';
import {
  deleteCheckpoint,
  selectCheckpoint,
  selectLastReceived,
  upsertCheckpoint,
} from './plans.ts';

/** undefined: the source has not committed one yet. */
export async function readCheckpoint(store: Store, source: string): Promise<JsonValue | undefined> {
  const [row] = await store.query<{ value: JsonValue }>('background', selectCheckpoint, [source]);
  return row?.value;
}

/** By an operator, while the source does not run. @param value undefined: from the beginning. */
export async function putCheckpoint(
  transaction: Transaction,
  source: string,
  value: JsonValue | undefined,
  at: number,
): Promise<void> {
  if (value === undefined) await transaction.query(deleteCheckpoint, [source]);
  else await transaction.query(upsertCheckpoint, [source, JSON.stringify(value), isoTime(at)]);
}

/** When the newest event was received; undefined: there is none. */
export async function readLastReceived(store: Store): Promise<number | undefined> {
  const [row] = await store.query<{ received_at: number }>('background', selectLastReceived);
  return row?.received_at;
}
