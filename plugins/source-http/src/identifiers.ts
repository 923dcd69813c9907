// Whom a message names, in the hub's namespaces.
import {
  isJsonObject,
  textOfNumber,
  type Identifier,
  type JsonObject,
  type JsonValue,
} from '@tributary/sdk';
import { objectOf } from './envelope.ts';
import type { Settings } from './settings.ts';

export type IdentifierSettings = Pick<Settings, 'externalIds' | 'aliasPreviousId'>;

/** With the four that the protocol names, the 20 that the hub takes of one record. */
const mostExternalIds = 16;

export function identifiersOf(
  message: JsonObject,
  context: JsonObject,
  settings: IdentifierSettings,
): Identifier[] {
  const device = objectOf(context['device']);
  // Who switched ad tracking off is not to be told apart by the advertising id.
  const advertisingId = device['adTrackingEnabled'] === false ? undefined : device['advertisingId'];
  return [
    ...named('user_id', message['userId']),
    ...named('anonymous_id', message['anonymousId']),
    ...named('advertising_id', advertisingId),
    ...named('push_token', device['token']),
    ...externalIds(context, settings),
  ];
}

function named(namespace: string, given: JsonValue | undefined): Identifier[] {
  const value = idOf(given);
  return value === undefined ? [] : [{ namespace, value }];
}

function externalIds(context: JsonObject, settings: IdentifierSettings): Identifier[] {
  const given = context['externalIds'];
  const namespaces = new Map(Object.entries(settings.externalIds ?? {}));
  if (!Array.isArray(given) || namespaces.size === 0) return [];
  return given.slice(0, mostExternalIds).flatMap((item: unknown) => {
    if (!isJsonObject(item) || typeof item['type'] !== 'string') return [];
    const namespace = namespaces.get(item['type']);
    return namespace === undefined ? [] : named(namespace, item['id']);
  });
}

/** Anonymous ids of all client libraries of the protocol have this form. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The other end of an alias. The protocol does not say whether `previousId` was a user or a visitor: the
 * browser client sends the anonymous id, a server may send either. One's own anonymous id and whatever
 * looks like one is a device; a wrong guess that way adds a device without events, a wrong guess the
 * other way adds a person who does not exist.
 */
export function previousOf(
  message: JsonObject,
  { aliasPreviousId }: IdentifierSettings,
): Identifier | undefined {
  const value = idOf(message['previousId']);
  if (value === undefined) return undefined;
  const looksAnonymous = value === idOf(message['anonymousId']) || uuid.test(value);
  return { namespace: aliasPreviousId ?? (looksAnonymous ? 'anonymous_id' : 'user_id'), value };
}

/** Ids arrive as texts and as numbers; an empty one is none, nor is a number that JSON could not hold. */
export function idOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return textOfNumber(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
