// What an HTTP answer means for a delivery, and how long the other side asks to be left alone.
// One reading for every plugin, because each of the two is where connectors go wrong most often.
import { PluginError, type PluginErrorKind } from './plugin-error.ts';

/** The part of a `Response` that is judged. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/**
 * The error that an answer stands for, or nothing for a 2xx.
 *
 * | status | kind | why |
 * |---|---|---|
 * | 401, 403, 407 | `auth` | credentials are wrong |
 * | 429 | `rate_limited` | waits for `Retry-After`, else the epoch of a reset header |
 * | 408, 425, 503 | `transient` | the server says that it did not take the request up |
 * | other 5xx | `unknown` | the server, or one behind a gateway, may have acted before it failed: a state must still count as possibly present, an action must not be repeated |
 * | other 4xx | `rejected` | it will be refused again |
 * | 1xx, 3xx | `unknown` | no redirect is followed, and a redirect is no delivery |
 *
 * @param now milliseconds since 1970, to read a date in `Retry-After`
 * @param vendorWords the vendor's own explanation, already bounded; default: the status alone
 */
export function classifyStatus(
  answer: AnswerHead,
  now: number,
  vendorWords?: string,
): PluginError | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const kind = kindOfStatus(status);
  const wait = waits(kind) ? waitOf(answer, now) : undefined;
  return new PluginError(kind, `answered ${status}${vendorWords ? `: ${vendorWords}` : ''}`, {
    vendorCode: status,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

function kindOfStatus(status: number): PluginErrorKind {
  switch (status) {
    case 401:
    case 403:
    case 407:
      return 'auth';
    case 429:
      return 'rate_limited';
    case 408:
    case 425:
    case 503:
      return 'transient';
    default:
      return status >= 400 && status < 500 ? 'rejected' : 'unknown';
  }
}

function waits(kind: PluginErrorKind): boolean {
  return kind !== 'auth' && kind !== 'rejected';
}

function waitOf({ headers }: AnswerHead, now: number): number | undefined {
  return parseRetryAfter(headers.get('retry-after'), now) ?? rateLimitReset(headers, now);
}

// RFC 9110 section 5.6.7: the form to send, and the two obsolete ones that must still be read.
const httpDates = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/**
 * `Retry-After` in milliseconds from `now`, from either form: seconds (decimals are rounded up) or an
 * HTTP date (0 where it has passed). Undefined for anything else, a negative number included.
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  if (!httpDates.some((form) => form.test(text))) return undefined;
  // The asctime form names no zone and means GMT.
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

const resetHeaders = ['x-ratelimit-reset', 'ratelimit-reset', 'x-rate-limit-reset'];

/**
 * Milliseconds from `now` until a rate limit resets, by `X-RateLimit-Reset` and its kin. Vendors send
 * seconds since 1970, milliseconds since 1970 or seconds from now; which one is told by magnitude.
 * Undefined where there is none or it cannot be read.
 */
export function rateLimitReset(
  headers: AnswerHead['headers'],
  now: number,
  names: readonly string[] = resetHeaders,
): number | undefined {
  for (const name of names) {
    const text = headers.get(name)?.trim() ?? '';
    if (/^\d{1,15}(\.\d{1,9})?$/.test(text)) return untilReset(Number(text), now);
  }
  return undefined;
}

function untilReset(value: number, now: number): number {
  if (value >= 1e12) return Math.max(0, Math.ceil(value - now));
  if (value >= 1e9) return Math.max(0, Math.ceil(value * 1_000 - now));
  return Math.ceil(value * 1_000);
}
