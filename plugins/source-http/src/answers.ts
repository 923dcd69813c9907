// What the protocol's clients understand: 200 for everything that was taken, 400 only for what no
// client could ever send again with success, 429 to come back later.
import type { HttpAnswer } from '@tributary/sdk';

/** On every answer, the hub's own included: browsers read nothing else. */
export const corsHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Retry-After',
  vary: 'Origin',
};

const json = { 'content-type': 'application/json; charset=utf-8' };

export function success(): HttpAnswer {
  return { status: 200, headers: json, body: '{"success":true}' };
}

export function failure(status: number, code: string, message: string): HttpAnswer {
  return { status, headers: json, body: JSON.stringify({ success: false, code, message }) };
}

export function busy(retryAfterSeconds: number): HttpAnswer {
  const answer = failure(
    429,
    'INTAKE_BUSY',
    'Too much is waiting. Send it again after the stated time.',
  );
  const wait = String(Math.max(1, Math.ceil(retryAfterSeconds)));
  return { ...answer, headers: { ...json, 'retry-after': wait } };
}

export function preflight(): HttpAnswer {
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers':
        'authorization, content-type, content-encoding, x-retry-count',
      'access-control-max-age': '86400',
    },
  };
}
