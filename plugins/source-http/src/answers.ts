// What the protocol's clients understand: 200 for everything that was taken, 400 for what no client
// could ever send again with success, 429 to come back later. They drop a whole batch on any other 4xx,
// so a single bad item never decides the status of a batch.
import type { HttpAnswer } from '@tributary/sdk';

/** On every answer, the hub's own included: browsers read nothing else. */
export const corsHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Retry-After, X-RateLimit-Reset',
};

const json = { 'content-type': 'application/json; charset=utf-8' };

export function success(): HttpAnswer {
  return { status: 200, headers: json, body: '{"success":true}' };
}

export function failure(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const body = JSON.stringify({ success: false, code, message });
  return { status, headers: { ...json, ...headers }, body };
}

/** Whole seconds: the clients ignore an HTTP date here. */
export function busy(retryAfterSeconds: number): HttpAnswer {
  const wait = String(Math.max(1, Math.ceil(retryAfterSeconds)));
  const message = 'INTAKE_BUSY: hub: too much is waiting. Send it again after the stated time.';
  return failure(429, 'INTAKE_BUSY', message, { 'retry-after': wait, 'x-ratelimit-reset': wait });
}

/** Every request of the browser client is preceded by one: it carries `Authorization`. */
export function preflight(): HttpAnswer {
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers':
        'authorization, content-type, content-encoding, x-retry-count, anonymousid',
      'access-control-max-age': '86400',
    },
  };
}
