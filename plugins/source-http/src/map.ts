// Segment's message → the hub's record. What is no message of the protocol is handed on as it is: the
// hub keeps it aside with its reason, and nothing is lost.
import {
  isJsonObject,
  type Identifier,
  type JsonObject,
  type JsonValue,
  type SourceRecord,
} from '@tributary/sdk';
import type { Settings } from './settings.ts';

/** What a request says about all of its messages. */
export interface Envelope {
  readonly origin: 'client' | 'server';
  readonly sentAt: JsonValue | undefined;
  readonly retryCount: number;
  /** Global Privacy Control, from the request's header. */
  readonly gpc: boolean;
  readonly context: JsonObject;
  readonly integrations: JsonObject;
  readonly remoteAddress: string;
}

/** undefined: the message is fine and there is nothing to do (a self-alias). */
export function toRecord(
  message: unknown,
  type: string | undefined,
  envelope: Envelope,
  settings: Pick<Settings, 'externalIds'>,
): SourceRecord | undefined {
  if (!isJsonObject(message)) return message as never;
  const kind = type ?? text(message['type']);
  const context = contextOf(message, envelope);
  const base = {
    ...pick(message, 'messageId', ['messageId']),
    identifiers: identifiersOf(message, context, settings),
    ...timesOf(message, envelope),
    origin: envelope.origin,
    context,
    integrations: { ...envelope.integrations, ...object(message['integrations']) },
  };
  if (kind === 'alias') return toAlias(message, base);
  const body = bodyOf(kind, message, envelope.origin);
  // Not a shape of ours: the hub says what is wrong with it.
  return { ...base, ...(body ?? { ...message, type: kind ?? null }) } as never;
}

type Base = Omit<SourceRecord, 'type'>;

/** `alias()` of the browser client after `identify()` arrives with both ends alike: it says nothing. */
function toAlias(message: JsonObject, base: object): SourceRecord | undefined {
  const previous = scalar(message['previousId']);
  const user = scalar(message['userId']);
  if (previous !== undefined && previous === user) return undefined;
  // An alias names the new id; who was anonymous before is what `previousId` says.
  const identifiers = user === undefined ? [] : [{ namespace: 'user_id', value: user }];
  return {
    ...base,
    type: 'alias',
    ...(identifiers.length > 0 ? { identifiers } : {}),
    previous: { namespace: 'user_id', value: previous ?? '' },
  } as Base & SourceRecord;
}

function bodyOf(
  kind: string | undefined,
  message: JsonObject,
  origin: 'client' | 'server',
): object | undefined {
  switch (kind) {
    case 'identify':
      return { type: kind, traits: message['traits'] ?? {} };
    case 'track':
      return { type: kind, ...pick(message, 'event'), ...pick(message, 'properties') };
    case 'page':
    case 'screen':
      return {
        type: kind,
        ...pick(message, 'name'),
        ...pick(message, 'category'),
        ...pick(message, 'properties'),
      };
    case 'group': {
      const groupId = scalar(message['groupId']);
      return {
        type: kind,
        ...(groupId === undefined ? {} : { groupId }),
        ...pick(message, 'traits'),
      };
    }
    case 'consent':
    case 'delete':
      // Our own words, for those who hold a secret.
      if (origin === 'client') return undefined;
      return { type: kind, ...pick(message, 'consents') };
    default:
      return undefined;
  }
}

/** null says as little as nothing. */
function pick(message: JsonObject, field: string, from: readonly string[] = [field]): object {
  for (const name of from) {
    const value = message[name];
    if (value !== undefined && value !== null) return { [field]: value };
  }
  return {};
}

function timesOf(message: JsonObject, envelope: Envelope): object {
  const sentAt = envelope.sentAt ?? message['sentAt'];
  return {
    ...pick(message, 'timestamp', ['originalTimestamp', 'timestamp']),
    ...(sentAt === undefined || sentAt === null ? {} : { sentAt }),
    ...(envelope.retryCount > 0 ? { retryCount: envelope.retryCount } : {}),
  };
}

function contextOf(message: JsonObject, envelope: Envelope): JsonObject {
  const context = { ...envelope.context, ...object(message['context']) };
  return {
    ...context,
    ...(context['direct'] === true ? { ip: envelope.remoteAddress } : {}),
    ...(envelope.gpc ? { gpc: true } : {}),
  };
}

function identifiersOf(
  message: JsonObject,
  context: JsonObject,
  settings: Pick<Settings, 'externalIds'>,
): Identifier[] {
  const device = object(context['device']);
  const named: [string, JsonValue | undefined][] = [
    ['user_id', message['userId']],
    ['anonymous_id', message['anonymousId']],
    ['advertising_id', device['advertisingId']],
    ['push_token', device['token']],
  ];
  const found = named.flatMap(([namespace, given]) => {
    const value = scalar(given);
    return value === undefined ? [] : [{ namespace, value }];
  });
  return [...found, ...externalIds(context, settings)];
}

function externalIds(context: JsonObject, settings: Pick<Settings, 'externalIds'>): Identifier[] {
  const given = context['externalIds'];
  if (!Array.isArray(given)) return [];
  return given.slice(0, 20).flatMap((item: unknown) => {
    if (!isJsonObject(item)) return [];
    const namespace = settings.externalIds?.[String(item['type'])];
    const value = scalar(item['id']);
    return namespace === undefined || value === undefined ? [] : [{ namespace, value }];
  });
}

/** Ids arrive as texts and as numbers; an empty one is none. */
function scalar(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function object(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
