// Where a consumer of the event log stands. Written in the transaction that holds the consumer's
// results, so that both are there or neither is.
import { statement } from './store.ts';
import type { Queryable, Transaction } from './store.ts';

const selectCursor = statement('cursor.read', 'SELECT position FROM cursor WHERE consumer = $1');

const upsertCursor = statement(
  'cursor.write',
  `
  INSERT INTO cursor (consumer, position) VALUES ($1, $2)
  ON CONFLICT (consumer) DO UPDATE SET position = excluded.position
  `,
);

/** The number of the last log row that was consumed; 0 before the first. */
export async function readCursor(queryable: Queryable, consumer: string): Promise<number> {
  const rows = await queryable.query<{ position: number }>(selectCursor, [consumer]);
  return rows[0]?.position ?? 0;
}

export async function writeCursor(
  transaction: Transaction,
  consumer: string,
  position: number,
): Promise<void> {
  await transaction.query(upsertCursor, [consumer, position]);
}
