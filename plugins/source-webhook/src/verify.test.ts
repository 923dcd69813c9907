// Who may send: every scheme takes what its sender signs, and nothing that is a byte off.
import { createHmac } from 'node:crypto';
import { signWebhook } from '@tributary/sdk';
import { expect, it } from 'vitest';
import { exampleSecret } from './examples.ts';
import type { Settings } from './settings.ts';
import { createVerify } from './verify.ts';

const now = Date.parse('2026-01-31T12:00:00Z');
const seconds = String(now / 1_000);
const body = Buffer.from('{"id":"evt_1","amount":5}');
const secret = 'a-secret-of-the-tests';

function mac(text: string, encoding: 'hex' | 'base64' | 'base64url' = 'hex', algorithm = 'sha256') {
  return createHmac(algorithm, secret).update(text).digest(encoding);
}

interface Case {
  readonly what: string;
  readonly verify: Settings['verify'];
  readonly headers: Record<string, string>;
  readonly timed?: boolean;
}

const text = body.toString();
const secrets = ['an-older-secret', secret];
const cases: readonly Case[] = [
  {
    what: 'github',
    verify: { preset: 'github', secrets },
    headers: { 'x-hub-signature-256': `sha256=${mac(text)}` },
  },
  {
    what: 'stripe',
    verify: { preset: 'stripe', secrets },
    headers: {
      'stripe-signature': `t=${seconds},v1=${'0'.repeat(64)},v1=${mac(`${seconds}.${text}`)},v0=x`,
    },
    timed: true,
  },
  {
    what: 'shopify',
    verify: { preset: 'shopify', secrets },
    headers: { 'x-shopify-hmac-sha256': mac(text, 'base64') },
  },
  {
    what: 'slack',
    verify: { preset: 'slack', secrets },
    headers: {
      'x-slack-signature': `v0=${mac(`v0:${seconds}:${text}`)}`,
      'x-slack-request-timestamp': seconds,
    },
    timed: true,
  },
  {
    what: 'calendly',
    verify: { preset: 'calendly', secrets },
    headers: { 'calendly-webhook-signature': `t=${seconds},v1=${mac(`${seconds}.${text}`)}` },
    timed: true,
  },
  {
    what: 'paddle',
    verify: { preset: 'paddle', secrets },
    headers: { 'paddle-signature': `ts=${seconds};h1=${mac(`${seconds}:${text}`)}` },
    timed: true,
  },
  {
    what: 'intercom',
    verify: { preset: 'intercom', secrets },
    headers: { 'x-hub-signature': `sha1=${mac(text, 'hex', 'sha1')}` },
  },
  {
    what: 'typeform',
    verify: { preset: 'typeform', secrets },
    headers: { 'typeform-signature': `sha256=${mac(text, 'base64')}` },
  },
  {
    what: 'zendesk',
    verify: { preset: 'zendesk', secrets },
    headers: {
      'x-zendesk-webhook-signature': mac(`2026-01-31T12:00:00Z${text}`, 'base64'),
      'x-zendesk-webhook-signature-timestamp': '2026-01-31T12:00:00Z',
    },
    timed: true,
  },
  {
    what: 'standard webhooks',
    verify: { preset: 'standard-webhooks', secrets: [exampleSecret] },
    headers: { ...signWebhook({ id: 'msg_1', sentAt: now, body }, [exampleSecret]) },
    timed: true,
  },
  {
    what: 'a scheme of one’s own',
    verify: {
      hmac: {
        header: 'X-Signature',
        algorithm: 'sha512',
        encoding: 'base64url',
        separator: ' ',
        signed: '{header:X-Id}/{timestamp}/{body}',
        timestamp: { header: 'X-Time', unit: 'ms' },
        tolerance: '1m',
      },
      secrets,
    },
    headers: {
      'x-signature': `AAAA ${mac(`7/${now}/${text}`, 'base64url', 'sha512')}`,
      'x-id': '7',
      'x-time': String(now),
    },
    timed: true,
  },
  {
    what: 'a bearer token',
    verify: { bearer: { tokens: secrets } },
    headers: { authorization: `Bearer ${secret}` },
  },
  {
    what: 'a token in a header of its own',
    verify: { bearer: { header: 'X-Token', tokens: secrets } },
    headers: { 'x-token': secret },
  },
  {
    what: 'basic authentication',
    verify: { basic: { user: 'shop', passwords: secrets } },
    headers: { authorization: `Basic ${Buffer.from(`shop:${secret}`).toString('base64')}` },
  },
];

function verdict({ verify, headers }: Case, rawBody: Uint8Array = body, at = now) {
  const request = { method: 'POST', path: '/', query: new URLSearchParams(), headers, rawBody };
  return createVerify(verify)({ ...request, remoteAddress: '192.0.2.1', receivedAt: at }, at);
}

it.each(cases)('$what: takes what is genuine', (scheme) => {
  expect(verdict(scheme)).toEqual({ ok: true });
});

it.each(cases)('$what: refuses a header more, less or changed', (scheme) => {
  for (const [name, value] of Object.entries(scheme.headers)) {
    const { [name]: _, ...without } = scheme.headers;
    for (const headers of [without, { ...scheme.headers, [name]: `${value.slice(0, -6)}aaaaaa` }]) {
      expect({ name, ...verdict({ ...scheme, headers }) }).toMatchObject({ name, ok: false });
    }
  }
});

const signs = cases.filter(({ verify }) => !verify.bearer && !verify.basic);
it.each(signs)('$what: refuses a body that is a byte off', (scheme) => {
  expect(verdict(scheme, Buffer.concat([body, Buffer.from(' ')]))).toEqual({
    ok: false,
    reason: 'mismatch',
  });
});

it.each(cases.filter(({ timed }) => timed))('$what: refuses it an hour later', (scheme) => {
  expect(verdict(scheme, body, now + 3_600_000)).toEqual({ ok: false, reason: 'stale' });
  expect(verdict(scheme, body, now - 3_600_000)).toEqual({ ok: false, reason: 'stale' });
});

it('computes at most sixteen signatures of a stranger', () => {
  const scheme = { header: 'x', separator: ',' } as const;
  const genuine = mac(text);
  const sent = (before: number): Case => ({
    what: '',
    verify: { hmac: scheme, secrets: [secret] },
    headers: { x: [...Array.from({ length: before }, () => 'ab'), genuine].join(',') },
  });
  expect(verdict(sent(15))).toEqual({ ok: true });
  expect(verdict(sent(16))).toMatchObject({ ok: false });
});
