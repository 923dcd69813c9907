// The name of a change, by which a destination drops what it has had before: made of what makes it this
// change and no other, so that nothing needs to be kept for it and a crash between two attempts loses nothing.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { LedgerRow } from './ledger-row.ts';

/**
 * Of a row that is under way. What it carries counts too: where what is wanted changes while a request
 * is away and the process dies, the next attempt carries something else under the same plan.
 */
export function changeIdOf(row: LedgerRow, erased: boolean): string {
  const { instance, list, keyHash, operation, plannedAt, flying } = row;
  const named = [instance, list, keyHash, erased ? 'erase' : operation, plannedAt, flying];
  const digest = createHash('sha256').update(canonicalize(named) ?? '');
  return digest.digest('base64url').slice(0, 32);
}
