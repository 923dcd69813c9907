// From a body that could be read to records, and to the answer once they are durable.
import type { JsonObject, Receipt, SourceAnswer, SourceRecord } from '@tributary/sdk';
import { failure, success } from './answers.ts';
import type { MessageType } from './calls.ts';
import type { Envelope } from './envelope.ts';
import type { IdentifierSettings } from './identifiers.ts';
import { toRecord } from './map.ts';

/**
 * 2,500 messages per batch in the protocol, which no client library comes near. More are refused whole:
 * to answer 200 and drop the rest, as the protocol does, would acknowledge what is not taken.
 */
export const maxBatch = 2_500;

export function toAnswer(
  type: MessageType | 'batch',
  body: JsonObject,
  envelope: Envelope,
  settings: IdentifierSettings,
): SourceAnswer {
  if (type !== 'batch') {
    const record = toRecord(body, type, envelope, settings);
    return { records: recordsOf([record]), respond: answerOne };
  }
  const { batch } = body;
  if (!Array.isArray(batch)) return unfit('no list', body);
  if (batch.length > maxBatch) return unfit(`${batch.length} messages`, body);
  const records = batch.map((item: unknown) => toRecord(item, undefined, envelope, settings));
  return { records: recordsOf(records), respond: success };
}

function recordsOf(records: readonly (SourceRecord | undefined)[]): SourceRecord[] {
  return records.filter((record) => record !== undefined);
}

/**
 * What the hub kept aside is answered with 200 as well: no client could mend it by sending it again, and
 * an operator can. Only for a message that is too large the protocol has an answer of its own; in a
 * batch it would cost all the others.
 */
function answerOne({ quarantined }: Receipt): ReturnType<typeof success> {
  const tooLarge = quarantined.find(({ code }) => code === 'RECORD_TOO_LARGE');
  return tooLarge === undefined ? success() : failure(400, tooLarge.code, tooLarge.message);
}

function unfit(found: string, body: JsonObject): SourceAnswer {
  const code = 'BATCH_INVALID';
  const message = `${code}: batch: ${found}, a list of at most ${maxBatch} messages was expected. Send smaller batches.`;
  // The key is a secret and stays out of what is kept.
  const { writeKey: _, ...rest } = body;
  const payload = Buffer.from(JSON.stringify(rest));
  return { unreadable: { code, message, payload }, answer: failure(400, code, message) };
}

/** Of a batch its `context`, `integrations` and `sentAt`; of a single message its `sentAt` alone. */
export function sharedOf(type: MessageType | 'batch', body: JsonObject): JsonObject {
  return type === 'batch' ? body : { sentAt: body['sentAt'] };
}
