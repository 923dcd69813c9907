// Takes from entries what proved them: that somebody said yes or no, when, and until when stays.
import type { Transaction } from '../store/store.ts';
import { clearProofs } from './plans.ts';

export interface ProvenEntry {
  /** Keyed hash of the identifier that it covers. */
  readonly hash: string;
  /** The record that it came from, and which statement of it. */
  readonly number: number;
  readonly place: number;
}

export async function dropProofs(
  transaction: Transaction,
  entries: readonly ProvenEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await transaction.query(clearProofs, [
    entries.map(({ hash }) => hash),
    entries.map(({ number }) => number),
    entries.map(({ place }) => place),
  ]);
}
