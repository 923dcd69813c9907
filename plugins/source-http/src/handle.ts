// One request of the tracking API: who sends, is it readable, which records are in it.
import {
  isJsonObject,
  type JsonObject,
  type SourceAnswer,
  type SourceCall,
  type SourceRequest,
} from '@tributary/sdk';
import { failure, preflight, success } from './answers.ts';
import { browserSettings } from './browser-settings.ts';
import { toRecord, type Envelope } from './map.ts';
import { readBody } from './read-body.ts';
import type { Settings } from './settings.ts';
import { keyOf, type WriteKey, type WriteKeys } from './write-keys.ts';

export interface Connection {
  readonly writeKeys: WriteKeys;
}

type Call = SourceCall<Settings, Connection> & { readonly request: SourceRequest };

/** 2,500 events per batch in the protocol. */
const maxBatch = 2_500;

const types = new Map([
  ...['identify', 'track', 'page', 'screen', 'group', 'alias'].flatMap(
    (type) =>
      [
        [type, type],
        [type.charAt(0), type],
      ] as [string, string][],
  ),
  ['batch', 'batch'],
  ['b', 'batch'],
  ['import', 'batch'],
  ['m', 'metrics'],
]);

export async function handle(call: Call): Promise<SourceAnswer> {
  const { request } = call;
  if (request.method === 'OPTIONS') return { answer: preflight() };
  const settingsOf = /^\/v1\/projects\/([^/]{1,200})\/settings$/.exec(request.path);
  if (settingsOf?.[1] !== undefined) return { answer: settingsDocument(settingsOf[1], call) };
  const type = types.get(request.path.replace(/^\/v1\//, '').replace(/\/$/, ''));
  if (type === undefined) return { answer: failure(404, 'PATH_UNKNOWN', 'No such call.') };
  if (request.method !== 'POST') {
    return { answer: failure(405, 'METHOD_UNKNOWN', 'Calls are sent by POST.') };
  }
  // The browser client's own metrics are of no use here.
  if (type === 'metrics') return { answer: success() };
  return receive(type, call);
}

function settingsDocument(given: string, call: Call): ReturnType<typeof success> {
  const writeKey = decode(given);
  if (writeKey === undefined || !call.connection.writeKeys.find(writeKey, call.clock.now())) {
    return unknownKey();
  }
  return browserSettings(writeKey, call.request, call.settings);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

async function receive(type: string, call: Call): Promise<SourceAnswer> {
  const { request, connection, settings, clock } = call;
  const { authorization } = request.headers;
  const headerKey = keyOf(authorization, undefined);
  // A key in the header is checked before anything is inflated or parsed.
  const early =
    headerKey === undefined ? undefined : connection.writeKeys.find(headerKey, clock.now());
  if (headerKey !== undefined && !early) return { answer: unknownKey() };
  const read = await readBody(request.rawBody, request.headers['content-encoding']);
  if ('problem' in read) {
    const answer = failure(400, read.problem.code, read.problem.message);
    // Whose bytes these are nobody knows without a key: then they are refused, not kept.
    return early ? { unreadable: read.problem, answer } : { answer };
  }
  const key = headerKey ?? keyOf(undefined, read.body);
  const writeKey =
    early ?? (key === undefined ? undefined : connection.writeKeys.find(key, clock.now()));
  if (!writeKey) return { answer: unknownKey() };
  if (!originAllowed(request, writeKey, settings)) {
    return { answer: failure(403, 'ORIGIN_REFUSED', 'This origin may not send with this key.') };
  }
  return toAnswer(type, read.body, writeKey, call);
}

function unknownKey(): ReturnType<typeof failure> {
  return failure(401, 'WRITE_KEY_UNKNOWN', 'The write key is missing, unknown or expired.');
}

function originAllowed(request: SourceRequest, writeKey: WriteKey, settings: Settings): boolean {
  const { origin } = request.headers;
  if (writeKey.kind === 'server' || origin === undefined) return true;
  return settings.allowedOrigins === undefined || settings.allowedOrigins.includes(origin);
}

function toAnswer(type: string, body: unknown, writeKey: WriteKey, call: Call): SourceAnswer {
  if (!isJsonObject(body)) {
    const problem = {
      code: 'BODY_NOT_JSON',
      message: 'BODY_NOT_JSON: body: one JSON object was expected. Send one.',
    };
    return { unreadable: problem, answer: failure(400, problem.code, problem.message) };
  }
  const envelope = envelopeOf(body, type, writeKey, call.request);
  if (type !== 'batch') {
    const { writeKey: _writeKey, sentAt: _sentAt, ...message } = body;
    return respond([toRecord(message, type, envelope, call.settings)]);
  }
  const { batch } = body;
  if (!Array.isArray(batch) || batch.length > maxBatch) {
    const found = Array.isArray(batch) ? `${batch.length} items` : 'no list';
    const message = `BATCH_INVALID: batch: ${found}, a list of at most ${maxBatch} was expected. Send smaller batches.`;
    return {
      unreadable: { code: 'BATCH_INVALID', message },
      answer: failure(400, 'BATCH_INVALID', message),
    };
  }
  return respond(batch.map((item: unknown) => toRecord(item, undefined, envelope, call.settings)));
}

/** Items that could not be taken are in quarantine: no client could mend them by sending them again. */
function respond(records: readonly ReturnType<typeof toRecord>[]): SourceAnswer {
  return { records: records.filter((record) => record !== undefined), respond: success };
}

function envelopeOf(
  body: JsonObject,
  type: string,
  { kind }: WriteKey,
  request: SourceRequest,
): Envelope {
  const retries = Number(request.headers['x-retry-count'] ?? 0);
  const shared = (field: string): JsonObject => {
    const value = type === 'batch' ? body[field] : undefined;
    return isJsonObject(value) ? value : {};
  };
  return {
    origin: kind,
    sentAt: body['sentAt'],
    retryCount: Number.isInteger(retries) && retries > 0 ? Math.min(retries, 1_000) : 0,
    gpc: kind === 'client' && request.headers['sec-gpc'] === '1',
    context: shared('context'),
    integrations: shared('integrations'),
    remoteAddress: request.remoteAddress,
  };
}
