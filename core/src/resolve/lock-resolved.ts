// Holds resolve where it is until the transaction ends.
import type { Transaction } from '../store/store.ts';
import { lockCursor } from './plans.ts';

/** @returns the number up to which the log is resolved. */
export async function lockResolved(transaction: Transaction): Promise<number> {
  const [cursor] = await transaction.query<{ position: number }>(lockCursor);
  return cursor?.position ?? 0;
}
