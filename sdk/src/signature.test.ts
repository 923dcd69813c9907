import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signHmac, verifyHmac } from './signature.ts';

const body = Buffer.from('{ "total":  "12.50" }\n');
const now = 1_800_000_000_000;

describe('an HMAC signature', () => {
  it.each([
    ['Shopify: base64', { encoding: 'base64' }],
    ['GitHub: hex with a prefix', { prefix: 'sha256=' }],
    ['SHA-512', { algorithm: 'sha512' }],
    ['SHA-1', { algorithm: 'sha1' }],
  ] as const)('%s', (_title, scheme) => {
    const signature = signHmac(body, 'key', scheme);
    const expected = createHmac('algorithm' in scheme ? scheme.algorithm : 'sha256', 'key')
      .update(body)
      .digest('encoding' in scheme ? scheme.encoding : 'hex');
    expect(signature).toBe(`${'prefix' in scheme ? scheme.prefix : ''}${expected}`);
    expect(verifyHmac({ ...scheme, text: body, signature, keys: ['key'] })).toEqual({ ok: true });
  });

  it('is over the bytes, not over what they mean', () => {
    const signature = signHmac(body, 'key');
    const rewritten = JSON.stringify(JSON.parse(body.toString()));
    const verdict = verifyHmac({ text: rewritten, signature, keys: ['key'] });
    expect(verdict).toEqual({ ok: false, reason: 'mismatch' });
  });

  it('is good with the old key and the new one', () => {
    for (const key of ['old', 'new']) {
      const signature = signHmac(body, key);
      expect(verifyHmac({ text: body, signature, keys: ['new', 'old'] }).ok).toBe(true);
    }
  });

  it.each([
    [undefined, 'missing'],
    ['', 'missing'],
    ['zz', 'malformed'],
    ['abcd', 'mismatch'],
    ['a'.repeat(64), 'mismatch'],
    ['a'.repeat(100_000), 'malformed'],
  ])('refuses %#', (signature, reason) => {
    expect(verifyHmac({ text: body, signature, keys: ['key'] })).toEqual({ ok: false, reason });
  });

  it('refuses every change of the body and never fails on a signature', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), fc.string(), (text, other, garbage) => {
        fc.pre(Buffer.compare(text, other) !== 0);
        const signature = signHmac(text, 'key');
        expect(verifyHmac({ text, signature, keys: ['key'] }).ok).toBe(true);
        expect(verifyHmac({ text: other, signature, keys: ['key'] }).ok).toBe(false);
        expect(verifyHmac({ text, signature: garbage, keys: ['key'] }).ok).toBe(false);
      }),
    );
  });

  it('grows stale, in both directions', () => {
    const at = now - 60_000;
    const text = [String(at), '.', body];
    const signature = signHmac(text, 'key');
    const check = { text, signature, keys: ['key'] };
    const verdicts = [60_000, 59_999].map((toleranceMs) =>
      verifyHmac({ ...check, signedAt: { at, now, toleranceMs } }),
    );
    expect(verdicts).toEqual([{ ok: true }, { ok: false, reason: 'stale' }]);
    expect(verifyHmac({ ...check, signedAt: { at: now + 600_000, now } }).ok).toBe(false);
    expect(verifyHmac({ ...check, signedAt: { at: undefined, now } }).ok).toBe(false);
    expect(verifyHmac({ ...check, signedAt: { at: Number.NaN, now } }).ok).toBe(false);
  });

  it('without a secret is a mistake in config, not a pass', () => {
    expect(() => verifyHmac({ text: body, signature: 'ab', keys: [] })).toThrow(RangeError);
    expect(() => verifyHmac({ text: body, signature: 'ab', keys: ['key', ''] })).toThrow(
      RangeError,
    );
  });
});
