// One request: is it genuine, is it JSON, what does it mean. Senders switch off an endpoint that keeps
// refusing, so whatever is genuine and can be mended here is kept and answered with 2xx. What only has to wait is asked for again.
import {
  readJsonBody,
  type HttpAnswer,
  type Receipt,
  type SourceAnswer,
  type SourceCall,
  type SourceRequest,
} from '@tributary/sdk';
import { timeMsOf, type MessageMapper } from './map-message.ts';
import { messageOf, packMessage } from './message.ts';
import type { Settings } from './settings.ts';
import type { Verify } from './verify.ts';

export interface Connection {
  readonly verify: Verify;
  readonly mapper: MessageMapper;
}

type HttpCall = SourceCall<Settings, Connection> & { readonly request: SourceRequest };

export const maxBodyBytes = 1_048_576;
/** The keeping of what cannot be mapped writes it out again. */
const maxDepth = 100;
/** The hub gives so long to a request. */
const hubPatienceMs = 10_000;
/** For giving up a mapping that does not end, and for a process that is started for the second try. */
const reserveMs = 1_500;

/** For its turn, at most: with the mapping, which is tried twice, it stays below what the hub gives. */
export function mostWaitMs(settings: Pick<Settings, 'limits'>): number {
  const left = hubPatienceMs - 2 * timeMsOf(settings) - reserveMs;
  return Math.max(300, Math.min(5_000, left));
}

export async function handle({
  request,
  connection,
  settings,
  clock,
  signal,
}: HttpCall): Promise<SourceAnswer> {
  const { method, headers, rawBody } = request;
  if (method === 'GET' || method === 'HEAD') {
    // Some senders ask whether anybody is there before they send.
    return { answer: answer(200, { ready: true }) };
  }
  if (method !== 'POST' && method !== 'PUT') {
    const message = `METHOD_REFUSED: method: ${method.slice(0, 20)}, POST was expected. Send it so.`;
    return { answer: refuse(405, 'METHOD_REFUSED', message, { allow: 'POST, PUT, GET' }) };
  }
  const verdict = connection.verify(request, clock.now());
  if (!verdict.ok) return { answer: unsigned(verdict.reason) };
  const read = await readJsonBody(rawBody, headers['content-encoding'], {
    maxBytes: maxBodyBytes,
    maxDepth,
  });
  if ('problem' in read) {
    const { code, message } = read.problem;
    return { unreadable: read.problem, answer: refuse(400, code, message) };
  }
  const message = messageOf(read.body, request, settings);
  const turn = AbortSignal.any([signal, AbortSignal.timeout(mostWaitMs(settings))]);
  const mapped = await connection.mapper.map(message, turn);
  if ('records' in mapped) return { records: mapped.records, respond: accepted };
  if (mapped.problem.code === 'MAPPING_BUSY') return { answer: busy(1) };
  const kept = answer(202, { kept: true, code: mapped.problem.code });
  return { unreadable: { ...mapped.problem, payload: packMessage(message) }, answer: kept };
}

function accepted({ accepted: count, duplicates, quarantined }: Receipt): HttpAnswer {
  return answer(200, { accepted: count, duplicates, kept: quarantined.length });
}

const reasons = {
  missing: 'none was found',
  malformed: 'it could not be read',
  stale: 'it was signed too long ago, or its clock is off',
  mismatch: 'it fits no secret of this source',
} as const;

/** Nothing is kept of it: it could be anybody's. */
function unsigned(reason: keyof typeof reasons): HttpAnswer {
  const message = `SIGNATURE_REFUSED: signature: ${reasons[reason]}. Compare secret and signing scheme.`;
  return refuse(401, 'SIGNATURE_REFUSED', message);
}

export function busy(retryAfterSeconds: number): HttpAnswer {
  const message = 'INTAKE_BUSY: hub: too much is waiting. Send it again after the stated time.';
  const wait = String(Math.max(1, Math.ceil(retryAfterSeconds)));
  return refuse(503, 'INTAKE_BUSY', message, { 'retry-after': wait });
}

function refuse(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const { body, headers: plain } = answer(status, { code, message });
  return { status, headers: { ...plain, ...headers }, ...(body === undefined ? {} : { body }) };
}

function answer(status: number, content: object): HttpAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers, body: JSON.stringify(content) };
}
