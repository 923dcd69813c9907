import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import {
  createWebhookVerifier,
  describeWebhookKeyProblem,
  describeWebhookSecretProblem,
  signWebhook,
  verifyWebhook,
} from './standard-webhook.ts';

const newSecret = (bytes = 32): string => `whsec_${randomBytes(bytes).toString('base64')}`;
const message = { id: 'msg_1', sentAt: Date.now(), body: '{"type":"audience.entered"}' };

function keyPair(): { secret: string; publicSecret: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const tail = (der: Buffer): string => der.subarray(-32).toString('base64');
  return {
    secret: `whsk_${tail(privateKey.export({ format: 'der', type: 'pkcs8' }))}`,
    publicSecret: `whpk_${tail(publicKey.export({ format: 'der', type: 'spki' }))}`,
  };
}

describe('Standard Webhooks', () => {
  it("is verified by the specification's own library", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 24, max: 64 }),
        (text, bytes) => {
          const secret = newSecret(bytes);
          const body = JSON.stringify({ text });
          const headers = { ...signWebhook({ ...message, body }, [secret]) };
          expect(new Webhook(secret).verify(body, headers)).toEqual({ text });
        },
      ),
    );
  });

  it("verifies what the specification's own library signs", () => {
    const secret = newSecret();
    const headers = {
      'webhook-id': message.id,
      'webhook-timestamp': String(Math.floor(message.sentAt / 1_000)),
      'webhook-signature': new Webhook(secret).sign(
        message.id,
        new Date(message.sentAt),
        message.body,
      ),
    };
    const check = { headers, rawBody: Buffer.from(message.body), secrets: [secret] };
    expect(verifyWebhook({ ...check, now: message.sentAt })).toEqual({ ok: true });
    expect(verifyWebhook({ ...check, now: message.sentAt + 301_000 })).toEqual({
      ok: false,
      reason: 'stale',
    });
    expect(verifyWebhook({ ...check, now: message.sentAt, secrets: [newSecret()] })).toEqual({
      ok: false,
      reason: 'mismatch',
    });
  });

  it('gives no gap while a secret is replaced, on either side', () => {
    const [old, next] = [newSecret(), newSecret()];
    const both = { ...signWebhook(message, [next, old]) };
    expect(both['webhook-signature'].split(' ')).toHaveLength(2);
    for (const secret of [old, next]) {
      expect(new Webhook(secret).verify(message.body, both)).toEqual(JSON.parse(message.body));
    }
    const one = { ...signWebhook(message, [old]) };
    const check = { headers: one, rawBody: message.body, now: message.sentAt };
    expect(verifyWebhook({ ...check, secrets: [next, old] }).ok).toBe(true);
  });

  it('signs with a private key for receivers that hold only the public one', () => {
    const { secret, publicSecret } = keyPair();
    const symmetric = newSecret();
    const headers = { ...signWebhook(message, [symmetric, secret]) };
    const check = { headers, rawBody: message.body, now: message.sentAt };
    expect(headers['webhook-signature']).toMatch(/^v1,\S+ v1a,\S+$/);
    expect(verifyWebhook({ ...check, secrets: [publicSecret] })).toEqual({ ok: true });
    expect(verifyWebhook({ ...check, rawBody: 'other', secrets: [publicSecret] }).ok).toBe(false);
    expect(verifyWebhook({ ...check, secrets: [keyPair().publicSecret] }).ok).toBe(false);
    expect(new Webhook(symmetric).verify(message.body, headers)).toBeTruthy();
  });

  it.each([
    ['no id', { 'webhook-id': undefined }, 'missing'],
    ['no signature', { 'webhook-signature': undefined }, 'missing'],
    ['another id', { 'webhook-id': 'msg_2' }, 'mismatch'],
    ['another time', { 'webhook-timestamp': '1' }, 'mismatch'],
    ['a time that is none', { 'webhook-timestamp': 'now' }, 'malformed'],
    ['a signature that is none', { 'webhook-signature': 'v1' }, 'mismatch'],
    ['an endless list', { 'webhook-signature': 'v1,AAAA '.repeat(10_000) }, 'malformed'],
  ] as const)('refuses a message with %s', (_title, change, reason) => {
    const secret = newSecret();
    const headers = { ...signWebhook(message, [secret]), ...change };
    expect(
      verifyWebhook({ headers, rawBody: message.body, secrets: [secret], now: message.sentAt }),
    ).toEqual({ ok: false, reason });
  });

  it('without a proper secret is a mistake in config', () => {
    const headers = { ...signWebhook(message, [newSecret()]) };
    for (const secrets of [[], [''], ['whsec_'], [newSecret(8)], [newSecret(65)], ['whsec_%%%']]) {
      expect(() => signWebhook(message, secrets)).toThrow(RangeError);
      expect(() => verifyWebhook({ headers, rawBody: '', secrets, now: 0 })).toThrow(RangeError);
    }
    expect(() => signWebhook({ ...message, id: 'a.b' }, [newSecret()])).toThrow(RangeError);
  });

  it('says what is wrong with a secret without showing it', () => {
    const short = newSecret(8);
    expect(describeWebhookSecretProblem(newSecret())).toBeUndefined();
    expect(describeWebhookSecretProblem(keyPair().secret)).toBeUndefined();
    expect(describeWebhookSecretProblem(short)).toMatch(/24 to 64 bytes/);
    expect(describeWebhookSecretProblem(short)).not.toContain(short.slice(6));
    expect(describeWebhookSecretProblem('whsk_AAAA')).toMatch(/32 bytes/);
  });

  it('says what is wrong with a key that verifies, before a message comes', () => {
    const { secret, publicSecret } = keyPair();
    for (const key of [newSecret(), publicSecret]) {
      expect(describeWebhookKeyProblem(key)).toBeUndefined();
      expect(createWebhookVerifier([key])).toBeTypeOf('function');
    }
    const long = `whpk_${Buffer.alloc(64, 1).toString('base64')}`;
    expect(describeWebhookKeyProblem(long)).toMatch(/32 bytes, this has 64/);
    expect(describeWebhookKeyProblem(secret)).toMatch(/base64/);
    expect(() => createWebhookVerifier([long])).toThrow(RangeError);
  });
});
