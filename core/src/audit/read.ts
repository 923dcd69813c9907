// Reads the log's end, and its newest entries for people to look at.
import { isJsonObject, type JsonObject } from '@tributary/sdk';
import type { Queryable, Store } from '../store/store.ts';
import { missingHead, type AuditHead } from './append.ts';
import { selectHead, selectPage, selectTail } from './plans.ts';

export async function readAuditHead(store: Store): Promise<AuditHead> {
  const [head] = await store.query<{ size: number; chain: Uint8Array }>('background', selectHead);
  if (!head) throw missingHead();
  return head;
}

/** An entry as it stands in the log: its JSON, parsed. */
export type AuditRecord = JsonObject;

/** The newest entries before a number, newest first. @param before default: from the end. */
export async function readAuditTail(
  queryable: Queryable,
  { before = Number.MAX_SAFE_INTEGER, limit = 100 }: { before?: number; limit?: number },
): Promise<AuditRecord[]> {
  const rows = await queryable.query<{ entry: string }>(selectTail, [before, limit]);
  return rows.map((row) => parseRecord(row.entry));
}

/** An entry with what proves it: whoever has all of them can compute the chain herself. */
export interface ExportedEntry {
  readonly number: number;
  readonly at: number;
  /** The very text that the leaf is the hash of. */
  readonly entry: string;
  /** Hex. */
  readonly leaf: string;
  /** Hex: of all leaves up to this one. */
  readonly chain: string;
}

/** In the order of the log, after a number. */
export async function readAuditEntries(
  queryable: Queryable,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<ExportedEntry[]> {
  const rows = await queryable.query<{
    number: number;
    at: number;
    entry: string;
    leaf: Uint8Array;
    chain: Uint8Array;
  }>(selectPage, [after, limit]);
  return rows.map((row) => ({
    ...row,
    leaf: Buffer.from(row.leaf).toString('hex'),
    chain: Buffer.from(row.chain).toString('hex'),
  }));
}

/** What somebody tampered with may be no JSON any more: it is shown as it is. */
function parseRecord(text: string): AuditRecord {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // Shown below.
  }
  return { unreadable: text };
}
