// One request to a source, from the wire to the answer: body, plugin, commit, answer. Whatever goes
// wrong becomes an answer that makes an honest sender send again.
import type { IncomingMessage } from 'node:http';
import type { HttpAnswer, SourceAnswer, SourceRequest } from '@tributary/sdk';
import { isIntakeBusy, type Intake } from '../../intake/intake.ts';
import { recordProblem } from '../../standardise/problem.ts';
import { isStoreError } from '../../store/errors.ts';
import { callSource } from './call-source.ts';
import type { FailureKeeper } from './failure-keeper.ts';
import type { FoundSource } from './find-source.ts';
import { readRawBody, type BodyBudget, type RawBody } from './read-raw-body.ts';
import { sourceRequest } from './source-request.ts';

export interface SourceWorld {
  readonly intake: Pick<Intake, 'submit' | 'keepUnreadable'>;
  readonly budget: BodyBudget;
  readonly failures: FailureKeeper;
  readonly timeoutMs: number;
  now(): number;
}

const defaultMaxBodyBytes = 1_048_576;
/** Of answers that say «not now» without knowing better. */
const retrySeconds = 1;
/** Somebody has to act first. */
const pausedRetrySeconds = 60;

/** undefined: the sender is gone, there is nobody to answer. */
export async function receive(
  { source, path }: FoundSource,
  message: IncomingMessage,
  remoteAddress: string,
  world: SourceWorld,
): Promise<HttpAnswer | undefined> {
  const receivedAt = world.now();
  const maxBytes = source.http.maxBodyBytes ?? defaultMaxBodyBytes;
  const body = await readRawBody(message, maxBytes, world.budget);
  if (body.kind !== 'read') return withoutBody(body.kind, { source, path }, maxBytes);
  const { method = 'GET', url = '/', headers } = message;
  const raw = { method, url, headers, remoteAddress };
  const request = sourceRequest(raw, path, body.bytes, receivedAt);
  try {
    return await handle({ source, path }, request, world);
  } catch (error) {
    return failure({ source, path }, error, world);
  }
}

function withoutBody(
  kind: Exclude<RawBody['kind'], 'read'>,
  found: FoundSource,
  maxBytes: number,
): HttpAnswer | undefined {
  switch (kind) {
    case 'gone':
      return undefined;
    case 'too_large':
      return plain(413, 'BODY_TOO_LARGE', { maxBytes });
    case 'too_many':
      return busy(found);
  }
}

async function handle(
  found: FoundSource,
  request: SourceRequest,
  world: SourceWorld,
): Promise<HttpAnswer> {
  const result = await callSource(found.source, request, world.timeoutMs);
  if (result.kind === 'answered') return commit(found, request, result.answer, world);
  if (result.kind === 'paused') return notNow(result.code, pausedRetrySeconds);
  await world.failures.keep(found.source, request, result);
  return result.kind === 'late' ? notNow(result.code) : failed(result.code);
}

async function commit(
  { source }: FoundSource,
  request: SourceRequest,
  answer: SourceAnswer,
  { intake, failures }: SourceWorld,
): Promise<HttpAnswer> {
  const { settings } = source;
  const { receivedAt, rawBody } = request;
  if ('records' in answer) {
    const receipt = await intake.submit({ source: settings, records: answer.records, receivedAt });
    return respond(
      () => answer.respond(receipt),
      (error) => failures.tell(source, error),
    );
  }
  if ('unreadable' in answer) {
    const { code, message, payload = rawBody } = answer.unreadable;
    const problem = recordProblem(
      'RECORD_UNREADABLE',
      `source ${settings.id}`,
      message.startsWith(code) ? message : `${code}: ${message}`,
      'Mend the sender, or the plugin that reads it.',
    );
    await intake.keepUnreadable(settings.id, receivedAt, problem, payload);
  }
  return answer.answer;
}

/** The records are durable; that the plugin has no words for it costs the sender a repetition. */
function respond(words: () => HttpAnswer, tell: (error: unknown) => void): HttpAnswer {
  try {
    return words();
  } catch (error) {
    tell(error);
    return failed('SOURCE_ANSWER_INVALID');
  }
}

function failure(found: FoundSource, error: unknown, world: SourceWorld): HttpAnswer {
  if (isIntakeBusy(error)) return busy(found, error.retryAfterSeconds);
  if (isStoreError(error) && passing.has(error.code)) return notNow('STORE_UNAVAILABLE');
  world.failures.tell(found.source, error);
  return failed('INTAKE_FAILED');
}

const passing: ReadonlySet<string> = new Set([
  'STORE_UNAVAILABLE',
  'STORE_CLOSED',
  'STORE_TRANSACTION_TIMEOUT',
]);

/** In the caller's dialect where the plugin speaks one. */
function busy({ source }: FoundSource, seconds: number = retrySeconds): HttpAnswer {
  const after = Math.max(1, Math.ceil(seconds));
  const answer = source.http.busy?.(after) ?? plain(429, 'INTAKE_BUSY');
  return { ...answer, headers: { 'retry-after': String(after), ...lowerCase(answer.headers) } };
}

function notNow(code: string, seconds: number = retrySeconds): HttpAnswer {
  const answer = plain(503, code);
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(seconds) } };
}

function failed(code: string): HttpAnswer {
  return plain(500, code);
}

/** A code and nothing else: neither a stack nor a plugin's words. */
export function plain(status: number, code: string, fields: object = {}): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, ...fields }),
  };
}

export function lowerCase(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
