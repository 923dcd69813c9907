// What the end of a request does to a ledger row: presence, the open change, the books. Pure. What
// is wanted may have changed while the request was away; that is decided here, after the fact.
import { jobWithoutEnd } from '../send/job-end.ts';
import type { Settlement } from '../send/settlement.ts';
import {
  neededOperation,
  openNextChange,
  held,
  sameContent,
  settled,
  type ChangeRules,
  type Step,
} from './decide-change.ts';
import { askedInTime, jobEndsBy } from './job-age.ts';
import type { LedgerRow, RemovalCause } from './ledger-row.ts';

export interface SettleRules extends ChangeRules {
  readonly refreshAfterMs: number | undefined;
  readonly maxAttempts: number;
  /** When to try again after so many attempts. */
  readonly retryAt: (attempts: number, retryAfterMs: number | undefined) => number;
}

export interface SettledStep extends Step {
  /** The change goes to the dead letters with these words. */
  readonly deadLetter?: { readonly code: string; readonly message: string };
}

export function settleChange(row: LedgerRow, result: Settlement, rules: SettleRules): SettledStep {
  switch (result.kind) {
    case 'delivered':
      return counted(
        openNextChange(delivered(named(row, result.vendorId), rules), rules),
        'delivered',
      );
    case 'accepted':
      return awaitJob(named(row, result.vendorId), result, rules);
    case 'in_doubt':
      return tryAgain(doubted(row), result, rules);
    case 'retry':
      return tryAgain(undone(row), result, rules);
    case 'rejected':
      return refused(row, result.reason, 'rejected', rules, {
        code: result.code,
        message: result.reason,
      });
    case 'filtered':
      if (result.by === 'gate') return gated(row, 'consent', 'filtered', result.reason, rules);
      return refused(row, result.reason, 'filtered', rules);
    case 'superseded':
      return gated(row, 'membership', 'superseded', result.reason, rules);
    case 'deferred':
      return postpone(undone(row), result.until, rules);
  }
}

function named(row: LedgerRow, vendorId: string | undefined): LedgerRow {
  return vendorId === undefined ? row : { ...row, vendorId };
}

function delivered(row: LedgerRow, rules: SettleRules): LedgerRow {
  const base = { ...settled(row, rules), reason: null };
  if (row.operation === 'remove')
    return { ...base, presence: 'absent', sent: null, refreshBy: null };
  const { refreshAfterMs, now } = rules;
  const refreshBy = refreshAfterMs === undefined ? null : now + refreshAfterMs;
  return { ...base, presence: 'confirmed', sent: row.flying, refreshBy };
}

/** A job of which no end is heard may have done its work or not. */
function awaitJob(
  row: LedgerRow,
  { job, pollAt }: { readonly job: string; readonly pollAt: number },
  rules: SettleRules,
): SettledStep {
  const changedAt = row.status === 'polling' ? row.changedAt : rules.now;
  const presence = row.operation === 'add' ? 'accepted' : 'in_doubt';
  const waiting: LedgerRow = { ...row, presence, status: 'polling', job, dueAt: pollAt, changedAt };
  if (jobEndsBy(waiting) > rules.now) return { row: askedInTime(waiting), books: {} };
  return tryAgain(doubted(row), jobWithoutEnd, rules);
}

/** The job is waited for no longer: whether it has done its work is in doubt. */
export function withoutJob(row: LedgerRow, now: number): LedgerRow {
  return { ...doubted(row), status: 'due', flying: null, job: null, dueAt: now };
}

/** What went out may be there, beside what was: a removal must know all of it. */
function doubted(row: LedgerRow): LedgerRow {
  const sent = row.operation === 'add' ? { ...row.sent, ...row.flying } : row.sent;
  return { ...row, presence: 'in_doubt', sent };
}

/** The request did not take effect: what was so before it is so again. */
function undone(row: LedgerRow): LedgerRow {
  return { ...row, presence: row.presenceBefore };
}

/** Same change again later, no attempt used, unless what is wanted has changed. */
function postpone(row: LedgerRow, until: number, rules: SettleRules): SettledStep {
  if (!isStillNeeded(row, rules)) return replaced(row, rules);
  return { row: { ...row, status: 'due', flying: null, job: null, dueAt: until }, books: {} };
}

/** The change that was under way is still the one to make. */
function isStillNeeded(row: LedgerRow, rules: SettleRules): boolean {
  const operation = neededOperation(row, rules.now);
  if (operation !== row.operation) return false;
  return operation === 'remove' || sameContent(row.flying, row.next);
}

/** Same change again later, unless what is wanted has changed or the attempts are used up. */
function tryAgain(
  row: LedgerRow,
  result: { readonly reason: string; readonly counts: boolean; readonly retryAfterMs?: number },
  rules: SettleRules,
): SettledStep {
  if (!isStillNeeded(row, rules)) return replaced(row, rules);
  const attempts = row.attempts + (result.counts ? 1 : 0);
  // A removal is never given up: somebody may have said no.
  if (attempts >= rules.maxAttempts && row.operation === 'add') {
    const deadLetter = { code: 'ATTEMPTS_EXHAUSTED', message: result.reason };
    return { row: held(row, 'add', result.reason, rules), books: { rejected: 1 }, deadLetter };
  }
  return {
    row: {
      ...row,
      status: 'due',
      flying: null,
      job: null,
      attempts,
      dueAt: rules.retryAt(attempts, result.retryAfterMs),
      reason: result.reason,
      changedAt: rules.now,
    },
    books: {},
  };
}

function replaced(row: LedgerRow, rules: SettleRules): Step {
  return counted(openNextChange(settled(row, rules), rules), 'superseded');
}

/** The vendor or the plugin will not take it: held, unless something else is wanted by now. */
function refused(
  row: LedgerRow,
  reason: string,
  column: 'rejected' | 'filtered',
  rules: SettleRules,
  deadLetter?: { readonly code: string; readonly message: string },
): SettledStep {
  const back = undone(row);
  const step =
    back.operation !== null && isStillNeeded(back, rules)
      ? { row: held(back, back.operation, reason, rules), books: {} }
      : openNextChange({ ...settled(back, rules), reason }, rules);
  const done = counted(step, column);
  return deadLetter === undefined ? done : { ...done, deadLetter };
}

/** Stopped before the request: nothing left, and what may be there is taken out. */
function gated(
  row: LedgerRow,
  cause: RemovalCause,
  column: 'filtered' | 'superseded',
  reason: string,
  rules: SettleRules,
): Step {
  const unwanted: LedgerRow = { ...undone(row), wanted: false, next: null, cause, reason };
  return counted(openNextChange(settled(unwanted, rules), rules), column);
}

function counted(step: Step, column: 'delivered' | 'filtered' | 'rejected' | 'superseded'): Step {
  return { ...step, books: { ...step.books, [column]: (step.books[column] ?? 0) + 1 } };
}
