// A message of the protocol → the hub's record. What is none is handed on so that the hub keeps it
// aside with its reason: nothing is lost, and nothing that a message says of itself passes unread.
import { isJsonObject, type JsonObject, type JsonValue, type SourceRecord } from '@tributary/sdk';
import { isMessageType, type MessageType } from './calls.ts';
import { objectOf, sendingTime, type Envelope } from './envelope.ts';
import { idOf, identifiersOf, previousOf, type IdentifierSettings } from './identifiers.ts';

/**
 * @param type of the path; undefined: the message says it, as in a batch.
 * @returns undefined: the message is fine and there is nothing to do.
 */
export function toRecord(
  message: unknown,
  type: MessageType | undefined,
  envelope: Envelope,
  settings: IdentifierSettings,
): SourceRecord | undefined {
  if (!isJsonObject(message)) return claim(message);
  const kind = type ?? message['type'];
  if (isSelfAlias(message, kind)) return undefined;
  const body = typeof kind === 'string' ? bodyOf(kind, message, envelope, settings) : undefined;
  if (body === undefined) return refused(message, kind, envelope);
  const context = contextOf(message, envelope);
  return claim({
    ...body,
    ...messageIdOf(message),
    identifiers: identifiersOf(message, context, settings),
    ...timesOf(message, envelope),
    origin: envelope.origin,
    context,
    integrations: { ...envelope.integrations, ...objectOf(message['integrations']) },
  });
}

/** The one place where what came from outside is called a record: intake checks every member of it. */
function claim(record: unknown): SourceRecord {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a claim is not verified here
  return record as SourceRecord;
}

/**
 * No type of ours, so that the hub refuses it and quotes why. Its members stay below `message`: beside
 * the type they could pass for a record, with an origin and identifiers of the sender's choice.
 */
function refused(message: JsonObject, kind: unknown, { origin }: Envelope): SourceRecord {
  const { writeKey: _writeKey, ...rest } = message;
  const isOurs = kind === 'consent' || kind === 'delete';
  const type = isOurs && origin === 'client' ? `${kind} (a server key is needed)` : kind;
  return claim({ type: typeof type === 'string' ? type : null, message: rest });
}

/** `alias()` of the browser client after `identify()` arrives with both ends alike: it says nothing. */
function isSelfAlias(message: JsonObject, kind: unknown): boolean {
  const previous = idOf(message['previousId']);
  return kind === 'alias' && previous !== undefined && previous === idOf(message['userId']);
}

function bodyOf(
  kind: string,
  message: JsonObject,
  { origin }: Envelope,
  settings: IdentifierSettings,
): object | undefined {
  if (isMessageType(kind)) return { type: kind, ...contentOf(kind, message, settings) };
  // Our own words, for those who hold a secret.
  if (origin === 'client') return undefined;
  if (kind === 'consent') return { type: kind, ...pick(message, 'consents') };
  return kind === 'delete' ? { type: kind } : undefined;
}

function contentOf(kind: MessageType, message: JsonObject, settings: IdentifierSettings): object {
  switch (kind) {
    case 'identify':
      return { traits: traitsOf(message) };
    case 'track':
      return pick(message, 'event', 'properties');
    case 'page':
    case 'screen':
      return pick(message, 'name', 'category', 'properties');
    case 'group': {
      const groupId = idOf(message['groupId']);
      return { ...(groupId === undefined ? {} : { groupId }), ...pick(message, 'traits') };
    }
    case 'alias': {
      const previous = previousOf(message, settings);
      return previous === undefined ? {} : { previous };
    }
  }
}

/**
 * RudderStack's browser client tells the traits of an `identify` in the message's context alone, its server
 * library in both places. With every other call they are no news: what is known of the person already.
 * Traits that are no object are left to the hub to refuse.
 */
function traitsOf(message: JsonObject): JsonValue {
  const stated = message['traits'] ?? {};
  if (!isJsonObject(stated)) return stated;
  return { ...objectOf(objectOf(message['context'])['traits']), ...stated };
}

/** null says as little as nothing. */
function pick(message: JsonObject, ...fields: readonly string[]): object {
  const given = fields.filter((field) => message[field] !== undefined && message[field] !== null);
  return Object.fromEntries(given.map((field) => [field, message[field]]));
}

function messageIdOf(message: JsonObject): object {
  const messageId = idOf(message['messageId']);
  return messageId === undefined ? {} : { messageId };
}

/**
 * A message with both times was dated by somebody who knew better than the client's clock: RudderStack's
 * server library notes its own time as `originalTimestamp` beside the `timestamp` it was given, and
 * Segment forwards what it has corrected. Then there is nothing for `sentAt` to correct.
 * Of two `sentAt` the batch's is the newer: it is made anew with each attempt.
 */
function timesOf(message: JsonObject, { sentAt: sharedSentAt, retryCount }: Envelope): object {
  const stated = message['timestamp'] ?? '';
  const original = message['originalTimestamp'] ?? '';
  const timestamp = stated === '' ? original : stated;
  const isCorrected = stated !== '' && original !== '';
  const sentAt = isCorrected ? undefined : (sharedSentAt ?? sendingTime(message['sentAt']));
  return {
    ...(timestamp === '' ? {} : { timestamp }),
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(retryCount > 0 ? { retryCount } : {}),
  };
}

function contextOf(message: JsonObject, envelope: Envelope): JsonObject {
  const context = { ...envelope.context, ...objectOf(message['context']) };
  return {
    ...context,
    ...(context['direct'] === true ? { ip: envelope.remoteAddress } : {}),
    ...(envelope.gpc ? { gpc: true } : {}),
  };
}
