// Calls a plugin's handler within its time, and says in the hub's words how that went. Its answer is a
// stranger's: what is no answer is its failure, not the hub's.
import type { SourceAnswer, SourceRequest } from '@tributary/sdk';
import type { MountedSource } from './mounted-source.ts';

export type HandlerResult =
  | { readonly kind: 'answered'; readonly answer: SourceAnswer }
  | { readonly kind: 'failed'; readonly code: 'SOURCE_FAILED'; readonly error: unknown }
  | { readonly kind: 'late'; readonly code: 'SOURCE_TIMEOUT' }
  /** It did not open, or its code failed beyond a call. */
  | { readonly kind: 'paused'; readonly code: 'SOURCE_PAUSED' };

export async function callSource(
  source: MountedSource,
  request: SourceRequest,
  timeoutMs: number,
): Promise<HandlerResult> {
  const { context, connection, http } = source;
  if (context.signal.aborted) return { kind: 'paused', code: 'SOURCE_PAUSED' };
  const deadline = new AbortController();
  const signal = AbortSignal.any([context.signal, deadline.signal]);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HandlerResult>((resolve) => {
    timer = setTimeout(() => {
      resolve({ kind: 'late', code: 'SOURCE_TIMEOUT' });
      deadline.abort(new Error('SOURCE_TIMEOUT'));
    }, timeoutMs);
  });
  try {
    const call = { ...context, connection, signal, request };
    return await Promise.race([answerOf(() => http.handle(call)), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function answerOf(
  handle: () => Promise<SourceAnswer> | SourceAnswer,
): Promise<HandlerResult> {
  try {
    return { kind: 'answered', answer: checkAnswer(await handle()) };
  } catch (error) {
    return { kind: 'failed', code: 'SOURCE_FAILED', error };
  }
}

function checkAnswer(answer: unknown): SourceAnswer {
  if (!isSourceAnswer(answer)) {
    throw new TypeError('found no answer in what `handle` returned, expected records or an answer');
  }
  if ('records' in answer && answer.records.length > mostRecords) {
    throw new RangeError(`found ${answer.records.length} records, expected at most ${mostRecords}`);
  }
  return answer;
}

/** Of one request; the body is bounded, but a plugin may make much of little. */
const mostRecords = 10_000;

function isSourceAnswer(answer: unknown): answer is SourceAnswer {
  if (Array.isArray(field(answer, 'records'))) {
    return typeof field(answer, 'respond') === 'function';
  }
  const unreadable = field(answer, 'unreadable');
  const isTold = unreadable === undefined || typeof field(unreadable, 'code') === 'string';
  return isTold && Number.isInteger(field(field(answer, 'answer'), 'status'));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
