// What of a request the mapping may see, and how it is kept when it could not be mapped.
import { isJsonObject, type JsonObject, type JsonValue, type SourceRequest } from '@tributary/sdk';
import { sha256, type Message } from './map-message.ts';
import { presets } from './presets.ts';
import type { Settings } from './settings.ts';

/** Credentials are for verification alone. */
const hidden = new Set(['authorization', 'proxy-authorization', 'cookie', 'webhook-signature']);

export function messageOf(
  body: JsonValue,
  request: Pick<SourceRequest, 'headers' | 'query' | 'path' | 'rawBody'>,
  { verify }: Pick<Settings, 'verify'>,
): Message {
  const { preset, hmac, bearer } = verify;
  const scheme =
    preset === undefined || preset === 'standard-webhooks' ? hmac : presets[preset].hmac;
  const own = [scheme?.header, bearer?.header].map((name) => name?.toLowerCase());
  const shown = Object.entries(request.headers).filter(
    ([name]) => !hidden.has(name) && !own.includes(name),
  );
  return {
    body,
    headers: Object.fromEntries(shown),
    query: Object.fromEntries(request.query),
    path: request.path,
    bodyHash: sha256(request.rawBody),
  };
}

/** The bytes that quarantine keeps of a message: enough to map it again. */
export function packMessage(message: Message): Uint8Array {
  return Buffer.from(JSON.stringify({ webhook: message }));
}

/** Undefined: not one of ours. */
export function unpackMessage(payload: Uint8Array): Message | undefined {
  let packed: unknown;
  try {
    packed = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
  const message = isJsonObject(packed) ? packed['webhook'] : undefined;
  if (!isJsonObject(message)) return undefined;
  const { body = null, path, bodyHash } = message;
  if (typeof path !== 'string' || typeof bodyHash !== 'string') return undefined;
  return {
    body,
    path,
    bodyHash,
    headers: texts(message['headers']),
    query: texts(message['query']),
  };
}

function texts(value: JsonValue | undefined): Record<string, string> {
  const given: JsonObject = isJsonObject(value) ? value : {};
  return Object.fromEntries(
    Object.entries(given).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
