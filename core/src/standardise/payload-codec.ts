// The one place that knows what the bytes of a log row are, so that encryption by key can arrive
// here without touching a reader.
import type { SourceRecord } from '@tributary/sdk';
import type { ReducedRecord, StoredRecord } from './reduced-record.ts';

/** Key 0: JSON as UTF-8, not encrypted. */
export const plainKey = 0;
/** Key 1: what is left of a record, likewise. */
export const reducedKey = 1;

export interface EncodedPayload {
  readonly keyId: number;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodePayload(record: SourceRecord): EncodedPayload {
  return { keyId: plainKey, bytes: encoder.encode(JSON.stringify(record)) };
}

export function encodeReduced(reduced: ReducedRecord): EncodedPayload {
  return { keyId: reducedKey, bytes: encoder.encode(JSON.stringify(reduced)) };
}

/** Throws on a key that this code does not know. */
export function decodePayload(payload: EncodedPayload): StoredRecord {
  if (payload.keyId !== plainKey && payload.keyId !== reducedKey) {
    throw new Error(
      `PAYLOAD_KEY_UNKNOWN: event log: key ${payload.keyId}, known are ${plainKey} and ${reducedKey}. Start the version that wrote it.`,
    );
  }
  // Only what intake checked is ever encoded.
  const record: unknown = JSON.parse(decoder.decode(payload.bytes));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the codec's own bytes
  return record as StoredRecord;
}
