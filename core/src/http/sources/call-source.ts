// Calls a plugin's handler within its time, and says in the hub's words how that went.
import type { SourceAnswer, SourceRequest } from '@tributary/sdk';
import type { MountedSource } from './mounted-source.ts';

export type HandlerResult =
  | { readonly kind: 'answered'; readonly answer: SourceAnswer }
  | { readonly kind: 'failed'; readonly code: 'SOURCE_FAILED'; readonly error: unknown }
  | { readonly kind: 'late'; readonly code: 'SOURCE_TIMEOUT' };

export async function callSource(
  source: MountedSource,
  request: SourceRequest,
  timeoutMs: number,
): Promise<HandlerResult> {
  const { context, connection, http } = source;
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
    return { kind: 'answered', answer: await handle() };
  } catch (error) {
    return { kind: 'failed', code: 'SOURCE_FAILED', error };
  }
}
