// Writes entries into the log, in the transaction of what they tell: both are there or neither is.
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import type { AuditEntry } from './entry.ts';
import { entryText } from './entry-text.ts';
import { chainOf, leafOf } from './leaf.ts';
import { insertEntries, lockHead } from './plans.ts';

export interface AuditHead {
  /** Number of the last entry; 0 before the first. */
  readonly size: number;
  readonly chain: Uint8Array;
}

interface ChainedEntry {
  readonly number: number;
  readonly at: string;
  readonly text: string;
  readonly leaf: Uint8Array;
  readonly chain: Uint8Array;
}

/**
 * One round trip to take the log's end, one for the whole batch. Everybody's appends wait for each
 * other from here to the commit: call it last in a transaction.
 */
export async function appendAudit(
  transaction: Transaction,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const [head] = await transaction.query<{ size: number; chain: Uint8Array }>(lockHead);
  if (!head) throw missingHead();
  const chained = chainEntries(entries, head);
  const last = chained.at(-1);
  await transaction.query(insertEntries, [
    chained.map(({ number }) => number),
    chained.map(({ at }) => at),
    chained.map(({ text }) => text),
    chained.map(({ leaf }) => leaf),
    chained.map(({ chain }) => chain),
    last?.number,
    last?.chain,
  ]);
}

function chainEntries(entries: readonly AuditEntry[], head: AuditHead): ChainedEntry[] {
  let { size: number, chain } = head;
  return entries.map((entry) => {
    number += 1;
    const text = entryText(entry, number);
    const leaf = leafOf(text);
    chain = chainOf(chain, leaf);
    return { number, at: isoTime(entry.at), text, leaf, chain };
  });
}

export function missingHead(): Error {
  return new Error(
    'STORE_INCOMPLETE: audit_head: no row, one was expected. Restore the store from a backup.',
  );
}
