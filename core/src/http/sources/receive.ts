// One request to a source, from the wire to the answer: body, plugin, commit, answer. Whatever goes
// wrong becomes an answer that makes an honest sender send again.
import type { IncomingMessage } from 'node:http';
import type { HttpAnswer, SourceAnswer, SourceRequest } from '@tributary/sdk';
import { isIntakeBusy, type Intake } from '../../intake/intake.ts';
import type { PausedSources } from '../../sources/paused.ts';
import { recordProblem } from '../../standardise/problem.ts';
import { isStoreError } from '../../store/errors.ts';
import { callSource } from './call-source.ts';
import type { FailureKeeper } from './failure-keeper.ts';
import type { FoundSource } from './find-source.ts';
import type { KeepRate } from './keep-rate.ts';
import { readRawBody, type BodyBudget, type RawBody } from './read-raw-body.ts';
import { sourceRequest } from './source-request.ts';

export interface SourceWorld {
  readonly intake: Pick<Intake, 'submit' | 'keepUnreadable'>;
  readonly budget: BodyBudget;
  readonly failures: FailureKeeper;
  /** Of bodies that plugins cannot read. */
  readonly unreadable: KeepRate;
  readonly paused: Pick<PausedSources, 'list'>;
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
  } finally {
    world.budget.giveBack(body.bytes.byteLength);
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
  const paused = await world.paused.list();
  if (paused.has(found.source.settings.id)) return notNow('SOURCE_PAUSED', pausedRetrySeconds);
  const result = await callSource(found.source, request, world.timeoutMs);
  if (result.kind === 'answered') return commit(found, request, result.answer, world);
  if (result.kind === 'paused') return notNow(result.code, pausedRetrySeconds);
  await world.failures.keep(found.source, request, result);
  return result.kind === 'late' ? notNow(result.code) : failed(result.code);
}

async function commit(
  found: FoundSource,
  request: SourceRequest,
  answer: SourceAnswer,
  world: SourceWorld,
): Promise<HttpAnswer> {
  const { source } = found;
  if ('records' in answer) {
    const { receivedAt } = request;
    const submission = { source: source.settings, records: answer.records, receivedAt };
    const receipt = await world.intake.submit(submission);
    return respond(
      () => answer.respond(receipt),
      (error) => world.failures.tell(source, error),
    );
  }
  if ('unreadable' in answer) return keep(found, request, answer, world);
  return answer.answer;
}

type Unreadable = Extract<SourceAnswer, { readonly unreadable: object }>;

/** What is not kept is not answered as if it were: whoever is not refused is to send it again. */
async function keep(
  found: FoundSource,
  { receivedAt, rawBody }: SourceRequest,
  { unreadable, answer }: Unreadable,
  world: SourceWorld,
): Promise<HttpAnswer> {
  const { id } = found.source.settings;
  const { code, message, payload = rawBody } = unreadable;
  if (!world.unreadable.take(id, payload.byteLength)) {
    return answer.status >= 400 ? answer : busy(found, world.unreadable.secondsLeft(id));
  }
  const problem = recordProblem(
    'RECORD_UNREADABLE',
    `source ${id}`,
    message.startsWith(code) ? message : `${code}: ${message}`,
    'Mend the sender, or the plugin that reads it.',
  );
  await world.intake.keepUnreadable(id, receivedAt, problem, payload);
  return answer;
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
