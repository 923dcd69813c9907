// Goes through the whole log and finds what was changed, removed, added or put in another order. What
// somebody rewrote from an entry to the end, head row included, only a head that was signed before
// and kept elsewhere can show.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isJsonObject } from '@tributary/sdk';
import type { Store } from '../store/store.ts';
import { canonicalJson } from './canonical.ts';
import { chainOf, genesis, leafOf, sameBytes } from './leaf.ts';
import { selectPage } from './plans.ts';
import { readAuditHead } from './read.ts';

export const auditFaultCodes = [
  'AUDIT_ENTRY_MISSING',
  'AUDIT_ENTRY_ADDED',
  'AUDIT_ENTRY_CHANGED',
  'AUDIT_LEAF_CHANGED',
  'AUDIT_CHAIN_BROKEN',
  'AUDIT_CUT',
  'AUDIT_REWRITTEN',
] as const;
export type AuditFaultCode = (typeof auditFaultCodes)[number];

export interface AuditFault {
  readonly code: AuditFaultCode;
  /** The first entry that is not as it was written. */
  readonly number: number;
  /** The last entry among which the first bad one must be searched; the number itself where it is sure. */
  readonly upTo: number;
  readonly message: string;
}

export type AuditVerdict =
  | { readonly intact: true; readonly size: number; readonly hash: string }
  | { readonly intact: false; readonly size: number; readonly fault: AuditFault };

/** A statement about the log that was made earlier; its signature is checked by whoever read it. */
export interface KnownHead {
  readonly size: number;
  /** The chain at that size, in hex. */
  readonly hash: string;
}

export interface VerifyOptions {
  /** Heads from outside the store, in any order. More of them narrow down where a rewrite begins. */
  readonly heads?: readonly KnownHead[];
  /** Entries per statement. Default 500. */
  readonly pageSize?: number;
}

interface Row {
  number: number;
  at: number;
  entry: string;
  leaf: Uint8Array;
  chain: Uint8Array;
}

interface Place {
  readonly number: number;
  readonly chain: Uint8Array;
  /** The newest size that a head has vouched for. */
  readonly vouched: number;
}

export async function verifyAudit(
  store: Store,
  { heads = [], pageSize = 500 }: VerifyOptions = {},
): Promise<AuditVerdict> {
  const known = [...heads].sort((left, right) => left.size - right.size);
  let place: Place = { number: 0, chain: genesis, vouched: 0 };
  for (;;) {
    const rows = await store.query<Row>('background', selectPage, [place.number, pageSize]);
    for (const row of rows) {
      const next = follow(place, row, known);
      if ('code' in next) return { intact: false, size: place.number, fault: next };
      place = next;
    }
    if (rows.length === 0) {
      // Read after the rows: an append that committed in between is seen by the next page.
      const head = await readAuditHead(store);
      const fault = judgeEnd(place, head, known);
      if (fault) return { intact: false, size: place.number, fault };
      if (head.size === place.number) return intact(place);
      const more = await store.query<Row>('background', selectPage, [place.number, 1]);
      if (more.length === 0) return { intact: false, size: place.number, fault: cut(place, head) };
    }
    await nextTurn();
  }
}

function intact({ number, chain }: Place): AuditVerdict {
  return { intact: true, size: number, hash: Buffer.from(chain).toString('hex') };
}

/** The place after this row, or what is wrong with it. */
function follow(place: Place, row: Row, known: readonly KnownHead[]): Place | AuditFault {
  const number = place.number + 1;
  if (row.number !== number) {
    return fault('AUDIT_ENTRY_MISSING', number, `the next one found is ${row.number}`);
  }
  const broken = judgeEntry(row);
  if (broken) return broken;
  const chain = chainOf(place.chain, row.leaf);
  if (!sameBytes(chain, row.chain)) {
    return fault('AUDIT_CHAIN_BROKEN', number, 'it does not follow from the entry before it');
  }
  return vouch({ ...place, number, chain }, known);
}

function judgeEntry(row: Row): AuditFault | undefined {
  if (!sameBytes(leafOf(row.entry), row.leaf)) {
    return fault('AUDIT_LEAF_CHANGED', row.number, 'its text is not what its leaf was made of');
  }
  const entry = parseEntry(row.entry);
  if (entry?.number !== row.number || entry.at !== new Date(row.at).toISOString()) {
    return fault('AUDIT_ENTRY_CHANGED', row.number, 'its row and its text disagree');
  }
  return undefined;
}

/** undefined: it is not canonical JSON, so this hub did not write it. */
function parseEntry(text: string): { number: unknown; at: unknown } | undefined {
  try {
    const entry: unknown = JSON.parse(text);
    if (!isJsonObject(entry) || canonicalJson(entry) !== text) return undefined;
    return { number: entry['number'], at: entry['at'] };
  } catch {
    return undefined;
  }
}

function vouch(place: Place, known: readonly KnownHead[]): Place | AuditFault {
  const here = known.filter((head) => head.size === place.number);
  const hash = Buffer.from(place.chain).toString('hex');
  if (here.some((head) => head.hash !== hash)) {
    return rewritten(place.vouched + 1, place.number);
  }
  return here.length === 0 ? place : { ...place, vouched: place.number };
}

/** undefined: the walk agrees with the head row, or must go on. */
function judgeEnd(
  place: Place,
  head: { readonly size: number; readonly chain: Uint8Array },
  known: readonly KnownHead[],
): AuditFault | undefined {
  if (place.number > head.size) {
    return fault('AUDIT_ENTRY_ADDED', head.size + 1, `the log says that it ends at ${head.size}`);
  }
  if (place.number < head.size) return undefined;
  if (!sameBytes(place.chain, head.chain)) return rewritten(place.vouched + 1, place.number);
  const beyond = known.find((candidate) => candidate.size > place.number);
  return beyond && cut(place, beyond);
}

function cut(place: Place, head: { readonly size: number }): AuditFault {
  return {
    code: 'AUDIT_CUT',
    number: place.number + 1,
    upTo: head.size,
    message: `AUDIT_CUT: audit log: it ends at ${place.number}, expected ${head.size} entries. Entries ${place.number + 1} to ${head.size} are gone: compare with a backup.`,
  };
}

function rewritten(number: number, upTo: number): AuditFault {
  return {
    code: 'AUDIT_REWRITTEN',
    number,
    upTo,
    message: `AUDIT_REWRITTEN: audit log: the chain at ${upTo} is another one than was recorded. Entries from ${number} to ${upTo} cannot be trusted: compare with a backup.`,
  };
}

function fault(code: AuditFaultCode, number: number, found: string): AuditFault {
  const message = `${code}: audit log: entry ${number}: ${found}. Compare with a backup; entries before it are as they were written.`;
  return { code, number, upTo: number, message };
}
