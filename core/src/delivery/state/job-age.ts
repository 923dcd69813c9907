// How long a vendor's job may run. Nobody is taken off a list while the job that put her there is waited
// for, and a vendor may never say how it ended: then the change is in doubt, which a removal can start from.
import { longestJobMs } from '../send/job-end.ts';
import type { LedgerRow } from './ledger-row.ts';

/**
 * Of an addition whose person has said no or is erased since. Long enough for a job that is about to end,
 * so that the removal meets what it added.
 */
const longestRefusedJobMs = 10 * 60_000;

/** Of a row that is polling: its `changedAt` is when the vendor took the job, or the first of several. */
export function jobEndsBy({ operation, wanted, cause, changedAt }: LedgerRow): number {
  const isRefused = !wanted && (cause === 'consent' || cause === 'erased');
  return changedAt + (operation === 'add' && isRefused ? longestRefusedJobMs : longestJobMs);
}

/** Asked about at its end at the latest, however long the vendor wants to be left alone. */
export function askedInTime(row: LedgerRow): LedgerRow {
  return { ...row, dueAt: Math.min(row.dueAt ?? Infinity, jobEndsBy(row)) };
}
