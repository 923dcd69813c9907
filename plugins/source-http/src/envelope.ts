// What a request says about all of its messages: whose key it carries, when it was sent, and the
// context that a batch states once.
import {
  isJsonObject,
  normaliseTime,
  type JsonObject,
  type JsonValue,
  type SourceRequest,
} from '@tributary/sdk';
import type { WriteKey } from './write-keys.ts';

export interface Envelope {
  readonly origin: 'client' | 'server';
  readonly sentAt: string | number | undefined;
  readonly retryCount: number;
  /** Global Privacy Control, from the request's header. */
  readonly gpc: boolean;
  readonly context: JsonObject;
  readonly integrations: JsonObject;
  readonly remoteAddress: string;
}

/** Higher counts are no client's. */
const mostRetries = 1_000;

/** @param shared a batch's body, of which `context` and `integrations` hold for every item. */
export function envelopeOf(
  shared: JsonObject,
  { kind }: WriteKey,
  { headers, remoteAddress }: SourceRequest,
): Envelope {
  const retries = Number(headers['x-retry-count'] ?? 0);
  return {
    origin: kind,
    sentAt: sendingTime(shared['sentAt']),
    retryCount: Number.isInteger(retries) && retries > 0 ? Math.min(retries, mostRetries) : 0,
    // Behind a server's key the header is that server's own and says nothing about a person.
    gpc: kind === 'client' && headers['sec-gpc'] === '1',
    context: objectOf(shared['context']),
    integrations: objectOf(shared['integrations']),
    remoteAddress,
  };
}

/** A `sentAt` that is no time corrects no clock: it is left out, and the message is taken. */
export function sendingTime(value: JsonValue | undefined): string | number | undefined {
  const isTime = typeof value === 'string' || typeof value === 'number';
  return isTime && normaliseTime(value) !== undefined ? value : undefined;
}

export function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
