// The audit log as the API shows it, and notes in it about what an operator did.
import { createHash } from 'node:crypto';
import { appendAudit } from '../../audit/append.ts';
import type { AuditKind } from '../../audit/entry.ts';
import { readAuditEntries, readAuditTail } from '../../audit/read.ts';
import { verifyAudit } from '../../audit/verify.ts';
import type { Transaction } from '../../store/store.ts';
import type { AuditReads } from '../hub-reads.ts';
import { readerOf, type Rooms } from './rooms.ts';

export function createAuditReads({ store }: Rooms): AuditReads {
  const reader = readerOf(store);
  return {
    tail: (before, limit) =>
      readAuditTail(reader, before === undefined ? { limit } : { before, limit }),
    entries: (after, limit) => readAuditEntries(reader, { after, limit }),
    verify: (heads) => verifyAudit(store, { heads }),
  };
}

/** In the transaction of what it tells. */
export async function noteOperator(
  transaction: Transaction,
  { room }: Rooms,
  kind: AuditKind,
  actor: string,
  details: Readonly<Record<string, number | string>>,
): Promise<void> {
  await appendAudit(transaction, [{ kind, at: room.now(), actor, details }]);
}

/** Free text stays out of the log: whoever has the text can show that it was this one. */
export function hashOfReason(reason: string): string {
  return createHash('sha256').update(reason).digest('hex');
}
