// Who may send, along which paths, and in which wrappings.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createTestClock } from '@tributary/sdk/testing';
import { answerOf, basic, clientKey, codeOf, recordsOf, send, serverKey } from './fixtures/send.ts';
import plugin from './index.ts';
import type { Settings } from './settings.ts';
import { hashOfKey } from './write-keys.ts';

const track = { type: 'track', event: 'E', userId: 'u' };
const batch = { batch: [track] };

describe('paths', () => {
  const letters = { identify: 'i', track: 't', page: 'p', screen: 's', group: 'g', alias: 'a' };
  const message = { userId: 'u', event: 'E', groupId: 'g', previousId: 'v', traits: {} };
  const forms = Object.entries(letters).flatMap(([type, letter]) => [
    { path: `/v1/${type}`, type },
    { path: `/v1/${letter}`, type },
    { path: `/v1/${type}/`, type },
  ]);

  it.each(forms)('$path is $type', async ({ path, type }) => {
    const [record, ...others] = recordsOf(await send({ path, body: message }));
    expect(record).toMatchObject({ type, origin: 'server' });
    expect(others).toEqual([]);
  });

  it('the path decides the type, whatever the message says', async () => {
    const body = { ...message, type: 'delete' };
    expect(recordsOf(await send({ path: '/v1/track', body }))).toMatchObject([{ type: 'track' }]);
  });

  it.each(['/v1/batch', '/v1/b', '/v1/import'])('%s is a batch', async (path) => {
    expect(recordsOf(await send({ path, body: batch }))).toMatchObject([{ event: 'E' }]);
  });

  it.each(['/v1', '/v1/', '/v1/x', '/v1/batch/x', '/v1/toString', '/v1/projects//settings'])(
    '%s is none',
    async (path) => {
      expect(answerOf(await send({ path, body: batch })).status).toBe(404);
    },
  );

  it.each(['GET', 'PUT', 'DELETE'])('%s sends nothing', async (method) => {
    const { status, headers } = answerOf(await send({ method, body: batch }));
    expect({ status, allow: headers?.['allow'] }).toEqual({ status: 405, allow: 'POST, OPTIONS' });
  });

  it('thanks the browser for its measurements of itself', async () => {
    expect(
      answerOf(await send({ path: '/v1/m', headers: {}, body: { series: [] } })),
    ).toMatchObject({
      status: 200,
    });
  });
});

describe('write keys', () => {
  const inBody = (writeKey: unknown): object => ({ ...batch, writeKey });
  const taken = [
    { form: 'Basic with a colon', headers: basic(serverKey), body: batch },
    { form: 'Basic without a colon', headers: basic(serverKey, ''), body: batch },
    { form: 'Basic with a password', headers: basic(serverKey, ':x'), body: batch },
    { form: 'a body', headers: {}, body: inBody(serverKey) },
    { form: 'Bearer and a body', headers: { authorization: 'Bearer t' }, body: inBody(serverKey) },
    { form: 'Basic of nothing and a body', headers: basic(''), body: inBody(serverKey) },
    { form: 'both', headers: basic(serverKey), body: inBody(serverKey) },
  ];
  it.each(taken)('counts in $form', async ({ headers, body }) => {
    expect(recordsOf(await send({ headers, body }))).toMatchObject([{ origin: 'server' }]);
  });

  const refused = [
    { form: 'no key', headers: {}, body: batch },
    { form: 'an unknown key', headers: basic('somebody'), body: batch },
    { form: 'an unknown key beside a known one', headers: basic('x'), body: inBody(serverKey) },
    { form: 'an unknown key in a body', headers: {}, body: inBody('somebody') },
    { form: 'a key that is no text', headers: {}, body: inBody([serverKey]) },
    { form: 'the hash of a key', headers: basic(hashOfKey(serverKey)), body: batch },
    { form: 'another scheme', headers: { authorization: `Digest ${serverKey}` }, body: batch },
  ];
  it.each(refused)('refuses $form and keeps nothing', async ({ headers, body }) => {
    const answer = await send({ headers, body });
    expect(answer).not.toHaveProperty('unreadable');
    expect(answerOf(answer).status).toBe(401);
    expect(codeOf(answerOf(answer))).toBe('WRITE_KEY_UNKNOWN');
  });

  it('refuses an unknown key before it inflates anything', async () => {
    const headers = { ...basic('somebody'), 'content-encoding': 'gzip' };
    expect(answerOf(await send({ headers, body: 'no gzip' })).status).toBe(401);
  });

  it('says who holds a secret and who is public', async () => {
    const answer = await send({ headers: basic(clientKey), body: batch });
    expect(recordsOf(answer)).toMatchObject([{ origin: 'client' }]);
  });

  it('rotates a key without a gap: both hold until the old one expires', async () => {
    const clock = createTestClock({ now: Date.parse('2026-03-31T00:00:00Z') });
    const settings: Partial<Settings> = {
      writeKeys: [
        { key: 'the-old-key', kind: 'server', expiresAt: '2026-04-01T00:00:00Z' },
        { hash: `sha256:${hashOfKey('the-new-key')}`, kind: 'server' },
      ],
    };
    const statuses = async (): Promise<number[]> =>
      Promise.all(
        ['the-old-key', 'the-new-key'].map(async (key) => {
          return answerOf(await send({ headers: basic(key), body: batch, settings, clock })).status;
        }),
      );
    expect(await statuses()).toEqual([200, 200]);
    await clock.advance(86_400_000);
    expect(await statuses()).toEqual([401, 200]);
  });
});

describe('wrappings', () => {
  const contentTypes = [
    'application/json',
    'application/json; charset=utf-8',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    undefined,
  ];
  const json = Buffer.from(JSON.stringify(batch));
  const encodings = [
    { encoding: undefined, body: json },
    { encoding: 'identity', body: json },
    { encoding: 'gzip', body: gzipSync(json) },
    { encoding: 'GZIP ', body: gzipSync(json) },
    { encoding: 'x-gzip', body: gzipSync(json) },
    { encoding: 'deflate', body: deflateSync(json) },
    { encoding: 'br', body: brotliCompressSync(json) },
  ];
  const forms = contentTypes.flatMap((type) => encodings.map((form) => ({ type, ...form })));

  it.each(forms)('$type, $encoding is read as JSON', async ({ type, encoding, body }) => {
    const headers = {
      ...basic(serverKey),
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    };
    expect(recordsOf(await send({ headers, body }))).toMatchObject([{ event: 'E' }]);
  });
});

describe('browsers', () => {
  it('may send what the browser client sends', async () => {
    const answer = answerOf(await send({ method: 'OPTIONS', path: '/v1/t', headers: {} }));
    expect(answer.status).toBe(204);
    const allowed = answer.headers?.['access-control-allow-headers']?.split(', ');
    expect(allowed).toEqual(expect.arrayContaining(['authorization', 'content-type']));
    expect(allowed).toContain('x-retry-count');
  });

  it('may read every answer, and when to come back', () => {
    expect(plugin.http?.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(plugin.http?.headers?.['access-control-expose-headers']).toContain('Retry-After');
    const busy = plugin.http?.busy?.(2.2);
    expect(busy).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
  });

  const origins = [
    { origin: 'https://shop.example', key: clientKey, status: 200 },
    { origin: 'https://evil.example', key: clientKey, status: 403 },
    { origin: 'null', key: clientKey, status: 403 },
    { origin: undefined, key: clientKey, status: 200 },
    { origin: 'https://evil.example', key: serverKey, status: 200 },
  ];
  it.each(origins)('of $origin with $key: $status', async ({ origin, key, status }) => {
    const settings = { allowedOrigins: ['https://shop.example'] };
    const headers = { ...basic(key), ...(origin === undefined ? {} : { origin }) };
    expect(answerOf(await send({ headers, body: batch, settings })).status).toBe(status);
  });

  it('carry the privacy signal of a person only with a client key', async () => {
    const gpcOf = async (key: string, value: string): Promise<unknown> => {
      const headers = { ...basic(key), 'sec-gpc': value };
      return recordsOf(await send({ headers, body: batch }))[0]?.context?.['gpc'];
    };
    expect(await gpcOf(clientKey, '1')).toBe(true);
    expect(await gpcOf(clientKey, '0')).toBeUndefined();
    expect(await gpcOf(serverKey, '1')).toBeUndefined();
  });
});

describe('the settings document', () => {
  const ask = async (
    key: string,
    headers: Readonly<Record<string, string>> = { host: 'hub.example:8080' },
    publicUrl?: string,
  ): ReturnType<typeof answerOfSettings> =>
    answerOfSettings(key, headers, publicUrl === undefined ? {} : { publicUrl });

  async function answerOfSettings(
    key: string,
    headers: Readonly<Record<string, string>>,
    settings: { readonly publicUrl?: string },
  ): Promise<{ readonly status: number; readonly integration: unknown }> {
    const path = `/v1/projects/${encodeURIComponent(key)}/settings`;
    const { status, body } = answerOf(await send({ method: 'GET', path, headers, settings }));
    const document: { integrations?: Record<string, unknown> } = JSON.parse(String(body));
    return { status, integration: document.integrations?.['Segment.io'] };
  }

  it('tells the browser client where to send', async () => {
    expect(await ask(clientKey)).toEqual({
      status: 200,
      integration: { apiKey: clientKey, apiHost: 'hub.example:8080/v1', protocol: 'http' },
    });
  });

  const places = [
    { what: 'behind TLS', headers: { host: 'h.example', 'x-forwarded-proto': 'https' } },
    { what: 'with a hostile host', headers: { host: 'h.example/<script>' } },
    { what: 'with half a host', headers: { host: '[::1' } },
    { what: 'without a host', headers: {} },
  ];
  it.each(places)('$what', async ({ headers }) => {
    const isTls = 'x-forwarded-proto' in headers;
    const expected = isTls
      ? { apiHost: 'h.example/v1', protocol: 'https' }
      : { apiHost: 'localhost/v1', protocol: 'http' };
    expect((await ask(clientKey, headers)).integration).toMatchObject(expected);
  });

  it('believes config before a request', async () => {
    const answer = await ask(clientKey, { host: 'x' }, 'https://hub.example/in/');
    expect(answer.integration).toMatchObject({ apiHost: 'hub.example/in/v1', protocol: 'https' });
  });

  it('is nothing for strangers, and no place for secrets', async () => {
    expect((await ask('somebody')).status).toBe(401);
    expect((await ask(serverKey)).status).toBe(403);
    const path = '/v1/projects/%E0%A4%A/settings';
    expect(answerOf(await send({ method: 'GET', path })).status).toBe(404);
  });
});
