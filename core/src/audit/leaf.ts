// The hashes of the log. A leaf is hashed as RFC 9162 hashes the leaves of a Merkle tree, so that a
// tree fits over the same leaves without rewriting the log; the chain runs over the leaves.
import { createHash } from 'node:crypto';

const leafPrefix = Uint8Array.of(0);

/** What stands before the first leaf. The migration writes the same value into `audit_head`. */
export const genesis: Uint8Array = createHash('sha256')
  .update('tributary audit log, version 1')
  .digest();

/** @param entry canonical JSON. */
export function leafOf(entry: string): Uint8Array {
  return createHash('sha256').update(leafPrefix).update(entry, 'utf8').digest();
}

/** chain(n) = SHA-256(chain(n − 1) ‖ leaf(n)). */
export function chainOf(previous: Uint8Array, leaf: Uint8Array): Uint8Array {
  return createHash('sha256').update(previous).update(leaf).digest();
}

export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
