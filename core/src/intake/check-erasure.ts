// From keyed hashes of somebody who was erased, which is all that is known of her, to a row of the log. Pure
// but for the keys.
import { internalSource } from '../sources/internal-source.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { encodeReduced } from '../standardise/payload-codec.ts';
import type { LogRow } from './check-record.ts';

export interface HashedErasure {
  /** The same one is taken once. */
  readonly messageId: string;
  readonly hashes: readonly string[];
  /** Up to when she is erased. */
  readonly at: number;
}

export function rowOfErasure(
  { messageId, hashes, at }: HashedErasure,
  receivedAt: number,
  keys: DeploymentKeys,
): LogRow {
  const messageHash = keys.messageHash(internalSource.id, messageId);
  const { keyId, bytes } = encodeReduced({ reduced: 'erasure', hashes });
  return {
    source: internalSource.id,
    messageHash,
    seenHash: keys.seenHash(messageHash),
    receivedAt,
    at: Math.min(at, receivedAt),
    type: 'delete',
    historical: true,
    subjectHash: null,
    keyId,
    payload: bytes,
    stops: hashes.map((hash) => ({ identifierHash: hash, purpose: '*', channel: '*' })),
    named: hashes,
    mayReturn: false,
  };
}
