// The heart of states: given a ledger row and what is wanted now, which change is open? The
// difference is always taken against what may be present, so a lost answer can never leave anybody
// behind. Pure; every step says what it does to the books.
import canonicalize from 'canonicalize';
import type { JsonObject } from '@tributary/sdk';
import type { BookEntry } from '../books.ts';
import { askedInTime } from './job-age.ts';
import type { Desired, LedgerRow, Operation, RemovalCause } from './ledger-row.ts';

export interface Step {
  readonly row: LedgerRow;
  readonly books: BookEntry;
}

export interface ChangeRules {
  readonly now: number;
  /** False where the vendor cannot take anybody out (`append`). */
  readonly canRemove: boolean;
  /** True where the vendor can forget a person altogether. */
  readonly canErase: boolean;
}

/** The operation that would bring what may be there to what should be; null: nothing. */
export function neededOperation(row: LedgerRow, now: number): Operation | null {
  if (!row.wanted) return row.presence === 'absent' ? null : 'remove';
  if (row.presence !== 'confirmed') return 'add';
  if (!sameContent(row.sent, row.next)) return 'add';
  return row.refreshBy !== null && row.refreshBy <= now ? 'add' : null;
}

/** Takes up what planning found. A row that is under way keeps its request; its outcome decides then. */
export function decideChange(before: LedgerRow, desired: Desired, rules: ChangeRules): Step {
  const row = withDesire(before, desired);
  if (row.status !== 'sending' && row.status !== 'polling') {
    return reviseOpenChange(before, row, rules);
  }
  const flying = rules.canErase ? asAsked(before, row) : row;
  return { row: flying.status === 'polling' ? askedInTime(flying) : flying, books: {} };
}

/** A removal that is under way is no erasure, whatever is owed since: how it ends proves none. */
function asAsked(before: LedgerRow, row: LedgerRow): LedgerRow {
  const isAsErasure = row.cause === 'erased' && before.cause !== 'erased';
  return isAsErasure && row.operation === 'remove'
    ? { ...row, cause: before.cause ?? 'membership' }
    : row;
}

/** A change that is not under way, after what is wanted may have changed. */
export function reviseOpenChange(before: LedgerRow, row: LedgerRow, rules: ChangeRules): Step {
  const operation = neededOperation(row, rules.now);
  const open = before.status === 'due';
  const dropped: BookEntry = open ? { superseded: 1 } : {};
  if (operation === null) return { row: settled(row, rules), books: dropped };
  const canRemove = rules.canRemove || (rules.canErase && row.cause === 'erased');
  if (operation === 'remove' && !canRemove) {
    return { row: held(row, operation, 'the vendor cannot remove', rules), books: dropped };
  }
  const same =
    before.status !== 'settled' &&
    operation === before.operation &&
    (operation === 'remove' ? !isAskedAnew(before, row) : sameContent(before.next, row.next));
  if (same) return { row, books: {} };
  return { row: opened(row, operation, rules), books: { ...dropped, planned: 1 } };
}

/** What the vendor would not take off a list it may well erase; and a no is worth another attempt. */
function isAskedAnew(before: LedgerRow, { cause }: LedgerRow): boolean {
  const isOwed = cause === 'erased' || cause === 'consent';
  return isOwed && before.status === 'held' && before.cause !== cause;
}

/** After a change is closed: is there another one to make? */
export function openNextChange(row: LedgerRow, rules: ChangeRules): Step {
  return reviseOpenChange({ ...row, status: 'settled' }, { ...row, status: 'settled' }, rules);
}

export function withDesire(row: LedgerRow, desired: Desired): LedgerRow {
  if (!desired.wanted) return { ...row, wanted: false, cause: causeFor(row, desired), next: null };
  const { next, profileId, identifierId, namespace, value } = desired;
  return { ...row, wanted: true, cause: null, next, profileId, identifierId, namespace, value };
}

/**
 * What was begun because somebody said no is finished as such, or a guard could hold it now; an erasure is
 * owed whoever has come back since.
 */
function causeFor(row: LedgerRow, { cause }: Desired & { readonly wanted: false }): RemovalCause {
  const isOpen = !row.wanted && row.presence !== 'absent';
  if (isOpen && row.cause === 'erased') return 'erased';
  return isOpen && row.cause === 'consent' && cause !== 'erased' ? 'consent' : cause;
}

export function settled(row: LedgerRow, rules: ChangeRules): LedgerRow {
  return {
    ...row,
    status: 'settled',
    operation: null,
    flying: null,
    job: null,
    attempts: 0,
    dueAt: null,
    changedAt: rules.now,
  };
}

export function held(
  row: LedgerRow,
  operation: Operation,
  reason: string,
  rules: ChangeRules,
): LedgerRow {
  return { ...settled(row, rules), status: 'held', operation, reason };
}

function opened(row: LedgerRow, operation: Operation, rules: ChangeRules): LedgerRow {
  const { now } = rules;
  const cleared = { ...settled(row, rules), reason: null };
  // No two changes of a row share this moment: it tells one from the other.
  const plannedAt = Math.max(now, row.plannedAt + 1);
  return { ...cleared, status: 'due', operation, dueAt: now, plannedAt };
}

/** Equal as JSON, whatever the order of keys. */
export function sameContent(left: JsonObject | null, right: JsonObject | null): boolean {
  return canonicalize(left) === canonicalize(right);
}
