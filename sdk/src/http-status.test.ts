import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyStatus, parseRetryAfter, rateLimitReset } from './http-status.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const answer = (status: number, headers: Record<string, string> = {}): Response =>
  new Response(null, { status, headers });

describe('what a status means', () => {
  it.each([
    [200, undefined],
    [202, undefined],
    [204, undefined],
    [301, 'unknown'],
    [302, 'unknown'],
    [400, 'rejected'],
    [401, 'auth'],
    [403, 'auth'],
    [404, 'rejected'],
    [408, 'transient'],
    [410, 'rejected'],
    [422, 'rejected'],
    [425, 'transient'],
    [429, 'rate_limited'],
    [500, 'unknown'],
    [502, 'unknown'],
    [503, 'transient'],
    [504, 'unknown'],
    [511, 'unknown'],
  ] as const)('%i is %s', (status, kind) => {
    const error = classifyStatus(answer(status), now);
    expect([error?.kind, error?.vendorCode]).toEqual([kind, kind && status]);
  });

  it('waits as long as it is asked to', () => {
    expect(classifyStatus(answer(429, { 'retry-after': '7' }), now)?.retryAfterMs).toBe(7_000);
    expect(classifyStatus(answer(503, { 'retry-after': '2' }), now)?.retryAfterMs).toBe(2_000);
    expect(classifyStatus(answer(502, { 'retry-after': '2' }), now)?.retryAfterMs).toBe(2_000);
    const reset = { 'x-ratelimit-reset': String(now / 1_000 + 30) };
    expect(classifyStatus(answer(429, reset), now)?.retryAfterMs).toBe(30_000);
    expect(classifyStatus(answer(400, { 'retry-after': '7' }), now)?.retryAfterMs).toBeUndefined();
    expect(classifyStatus(answer(429), now)?.retryAfterMs).toBeUndefined();
  });

  it("carries the vendor's words", () => {
    expect(classifyStatus(answer(400), now, 'no such list')?.message).toBe(
      'answered 400: no such list',
    );
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['1.5', 1_500],
    ['Sat, 21 Nov 2026 10:02:00 GMT', 120_000],
    ['Saturday, 21-Nov-26 10:02:00 GMT', 120_000],
    ['Sat Nov 21 10:02:00 2026', 120_000],
    ['Sat, 21 Nov 2026 09:00:00 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
    ['2026-11-21T10:02:00Z', undefined],
    ['99999999999999999999', undefined],
    ['Sat, 41 Nov 2026 10:02:00 GMT', undefined],
    ['1e3', undefined],
  ])('%s', (value, wait) => expect(parseRetryAfter(value, now)).toBe(wait));

  it('reads every date as the wait it names, and any text without failing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (seconds) => {
        const date = new Date(now + seconds * 1_000).toUTCString();
        expect(parseRetryAfter(date, now)).toBe(seconds * 1_000);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const wait = parseRetryAfter(text, now);
        expect(wait === undefined || (Number.isSafeInteger(wait) && wait >= 0)).toBe(true);
      }),
    );
  });
});

describe('the reset of a rate limit', () => {
  it.each([
    ['seconds since 1970', String(now / 1_000 + 60), 60_000],
    ['milliseconds since 1970', String(now + 60_000), 60_000],
    ['seconds from now', '60', 60_000],
    ['a moment that has passed', String(now / 1_000 - 60), 0],
    ['garbage', 'tomorrow', undefined],
    ['a negative number', '-3', undefined],
  ])('%s', (_title, value, wait) => {
    expect(rateLimitReset(new Headers({ 'X-RateLimit-Reset': value }), now)).toBe(wait);
  });
});
