// The one place that knows what the bytes of a log row are, so that encryption by key can arrive
// here without touching a reader.
import type { SourceRecord } from '@tributary/sdk';
import { isDecision, type DecisionRecord } from './decision-record.ts';
import { isReduced, type ReducedRecord, type StoredRecord } from './reduced-record.ts';

/** Key 0: JSON as UTF-8, not encrypted. */
export const plainKey = 0;
/** Key 1: what is left of a record, likewise. */
export const reducedKey = 1;
/** Key 2: a decision of an operator, likewise; who does not know it must not take it for a record of a source. */
const decisionKey = 2;

const known: readonly number[] = [plainKey, reducedKey, decisionKey];

export interface EncodedPayload {
  readonly keyId: number;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodePayload(record: SourceRecord | DecisionRecord): EncodedPayload {
  const keyId = isDecision(record) ? decisionKey : plainKey;
  return { keyId, bytes: encoder.encode(JSON.stringify(record)) };
}

export function encodeReduced(reduced: ReducedRecord): EncodedPayload {
  return { keyId: reducedKey, bytes: encoder.encode(JSON.stringify(reduced)) };
}

export function encodeStored(stored: StoredRecord): EncodedPayload {
  return isReduced(stored) ? encodeReduced(stored) : encodePayload(stored);
}

/** Throws on a key that this code does not know. */
export function decodePayload(payload: EncodedPayload): StoredRecord {
  if (!known.includes(payload.keyId)) {
    throw new Error(
      `PAYLOAD_KEY_UNKNOWN: event log: key ${payload.keyId}, known are ${known.join(', ')}. Start the version that wrote it.`,
    );
  }
  // Only what intake checked is ever encoded.
  const record: unknown = JSON.parse(decoder.decode(payload.bytes));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the codec's own bytes
  return record as StoredRecord;
}
