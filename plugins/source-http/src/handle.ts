// One request of the tracking API: which call it is and who makes it.
import type { HttpAnswer, SourceAnswer, SourceCall, SourceRequest } from '@tributary/sdk';
import { failure, preflight, success } from './answers.ts';
import { browserSettings } from './browser-settings.ts';
import { resolveCall, type Call } from './calls.ts';
import { envelopeOf } from './envelope.ts';
import { readBody } from './read-body.ts';
import type { Settings } from './settings.ts';
import { sharedOf, toAnswer } from './to-answer.ts';
import { keyOf, type WriteKey, type WriteKeys } from './write-keys.ts';

export interface Connection {
  readonly writeKeys: WriteKeys;
}

export type HttpCall = SourceCall<Settings, Connection> & { readonly request: SourceRequest };

export async function handle(http: HttpCall): Promise<SourceAnswer> {
  const { method, path } = http.request;
  if (method === 'OPTIONS') return { answer: preflight() };
  const call = resolveCall(path);
  if (call === undefined) {
    return { answer: failure(404, 'PATH_UNKNOWN', 'PATH_UNKNOWN: path: no call of this API.') };
  }
  if (call.kind === 'settings') return { answer: settingsDocument(call.writeKey, http) };
  if (method !== 'POST') return { answer: methodRefused('POST') };
  return call.kind === 'metrics' ? { answer: success() } : receive(call, http);
}

function methodRefused(expected: string): HttpAnswer {
  const message = `METHOD_REFUSED: method: ${expected} was expected.`;
  return failure(405, 'METHOD_REFUSED', message, { allow: `${expected}, OPTIONS` });
}

function settingsDocument(
  writeKey: string,
  { request, connection, settings, clock }: HttpCall,
): HttpAnswer {
  if (request.method !== 'GET' && request.method !== 'HEAD') return methodRefused('GET');
  const known = connection.writeKeys.find(writeKey, clock.now());
  if (!known) return unknownKey();
  if (known.kind === 'client') return browserSettings(writeKey, request, settings);
  // A page would show the secret to everybody who opens it.
  const message =
    'WRITE_KEY_SECRET: write key: a server key, a client key was expected. Give pages a client key and rotate this one.';
  return failure(403, 'WRITE_KEY_SECRET', message);
}

type Receiving = Extract<Call, { kind: 'message' | 'batch' }>;

async function receive(call: Receiving, http: HttpCall): Promise<SourceAnswer> {
  const { request, connection, settings, clock } = http;
  const find = (key: string | undefined): WriteKey | undefined =>
    key === undefined ? undefined : connection.writeKeys.find(key, clock.now());
  const headerKey = keyOf(request.headers['authorization'], undefined);
  const early = find(headerKey);
  // A key in the header is checked before anything is inflated or parsed.
  if (headerKey !== undefined && !early) return { answer: unknownKey() };
  const read = await readBody(request.rawBody, request.headers['content-encoding']);
  if ('problem' in read) {
    const answer = failure(400, read.problem.code, read.problem.message);
    // Whose bytes these are nobody knows without a key: then they are refused, not kept.
    return early ? { unreadable: read.problem, answer } : { answer };
  }
  const writeKey = early ?? find(keyOf(undefined, read.body));
  if (!writeKey) return { answer: unknownKey() };
  if (!originAllowed(request, writeKey, settings)) return { answer: originRefused() };
  const type = call.kind === 'message' ? call.type : 'batch';
  const envelope = envelopeOf(sharedOf(type, read.body), writeKey, request);
  return toAnswer(type, read.body, envelope, settings);
}

/** 401 and not the protocol's silent 200: who sends with a wrong key shall find out on the first day. */
function unknownKey(): HttpAnswer {
  const message =
    'WRITE_KEY_UNKNOWN: write key: missing, unknown or expired. Send a key of this source.';
  return failure(401, 'WRITE_KEY_UNKNOWN', message);
}

/** Only browsers say where a page came from, and only a client key is for pages. */
function originAllowed(
  { headers }: SourceRequest,
  { kind }: WriteKey,
  settings: Settings,
): boolean {
  const { origin } = headers;
  if (kind === 'server' || origin === undefined) return true;
  return settings.allowedOrigins === undefined || settings.allowedOrigins.includes(origin);
}

function originRefused(): HttpAnswer {
  const message =
    'ORIGIN_REFUSED: origin: pages of this origin may not send. Add it to allowedOrigins.';
  return failure(403, 'ORIGIN_REFUSED', message);
}
