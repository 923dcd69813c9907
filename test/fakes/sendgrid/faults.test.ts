import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSendgridFake, type SendgridFake } from './fake.ts';
import { ask, createClient, createManualClock, testKey, type ManualClock } from './testing.ts';

let clock: ManualClock;
let fake: SendgridFake;

beforeEach(async () => {
  clock = createManualClock();
  fake = await startSendgridFake({
    apiKey: testKey,
    clock,
    rateLimit: { requests: 5, windowMilliseconds: 60_000 },
    delays: { upsert: 0 },
  });
});
afterEach(() => fake.close());

const put = (client = createClient(fake.url)): ReturnType<typeof ask> =>
  ask(client, 'PUT', '/v3/marketing/contacts', { contacts: [{ email: 'ada@example.com' }] });

describe('credentials', () => {
  it('answers 401 to another key, and to the old one after a change', async () => {
    const { status, body } = await put(createClient(fake.url, 'SG.wrong'));
    expect(status).toBe(401);
    expect(body['errors']).toEqual([{ field: null, message: 'authorization required' }]);
    fake.setApiKey('SG.new');
    expect((await put()).status).toBe(401);
    expect((await put(createClient(fake.url, 'SG.new'))).status).toBe(202);
  });

  it('tells a key what it may do and refuses the rest with 403', async () => {
    const narrow = await startSendgridFake({ apiKey: testKey, scopes: ['mail.send'] });
    const client = createClient(narrow.url);
    expect((await ask(client, 'GET', '/v3/scopes')).body).toEqual({ scopes: ['mail.send'] });
    expect((await put(client)).status).toBe(403);
    await narrow.close();
  });

  it('answers 404 for an unknown endpoint and 405 for a wrong method', async () => {
    const client = createClient(fake.url);
    expect((await ask(client, 'GET', '/v3/nothing')).status).toBe(404);
    expect((await ask(client, 'PATCH', '/v3/mail/send')).status).toBe(405);
  });
});

describe('limits', () => {
  it('states them on every answer, and sends no Retry-After with a 429', async () => {
    const first = await put();
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '4',
      'x-ratelimit-reset': String(clock.now() / 1_000 + 60),
    });
    for (let n = 0; n < 4; n += 1) await put();
    const limited = await put();
    expect(limited.status).toBe(429);
    expect(limited.headers).not.toHaveProperty('retry-after');
    expect(limited.body['errors']).toEqual([{ field: null, message: 'too many requests' }]);
    clock.advance(60_000);
    expect((await put()).status).toBe(202);
  });
});

describe('scripted faults', () => {
  it('hits the n-th matching request so many times', async () => {
    const script = fake.script({ kind: 'status', status: 503, method: 'PUT', nth: 2, times: 2 });
    const client = createClient(fake.url);
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await put(client)).status);
    expect(statuses).toEqual([202, 503, 503, 202]);
    expect(script.hits()).toBe(2);
  });

  it('storms with 429 for a while, only where the path matches', async () => {
    fake.script({ kind: 'rate-limited', path: '/v3/marketing/*', forMilliseconds: 150 });
    const limited = await put();
    expect(limited.status).toBe(429);
    expect(Number(limited.headers['x-ratelimit-reset'])).toBe(clock.now() / 1_000 + 1);
    expect((await ask(createClient(fake.url), 'GET', '/v3/scopes')).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await put()).status).toBe(202);
  });

  it.each(['cut-answer', 'lost-answer'] as const)('takes effect on %s', async (kind) => {
    fake.script({ kind, method: 'PUT' });
    const client = createClient(fake.url);
    client.setDefaultRequest(JSON.parse('{"timeout":200}'));
    await expect(put(client)).rejects.toThrow(/aborted|timeout/);
    expect(fake.contact('ada@example.com')).toBeDefined();
    expect(fake.journal).toMatchObject([
      { status: 202, effect: true, outcome: kind === 'cut-answer' ? 'cut' : 'lost', fault: kind },
    ]);
  });

  it('has no effect on a reset, whose request is in the journal all the same', async () => {
    fake.script({ kind: 'reset' });
    await expect(put()).rejects.toThrow('ECONNRESET');
    expect(fake.contacts()).toEqual([]);
    expect(fake.journal).toMatchObject([
      { effect: false, outcome: 'reset', keys: [{ key: 'ada@example.com', action: 'upsert' }] },
    ]);
  });

  it('answers late, in an unknown shape, or with 401', async () => {
    fake.script({ kind: 'slow', milliseconds: 120 });
    const started = performance.now();
    expect((await put()).status).toBe(202);
    expect(performance.now() - started).toBeGreaterThan(110);
    fake.script({ kind: 'unknown-answer', body: { surprise: true } });
    expect(await put()).toMatchObject({ status: 200, body: { surprise: true } });
    fake.script({ kind: 'unauthorized' });
    expect((await put()).status).toBe(401);
  });
});

describe('in a process of its own', () => {
  it('is driven and read over HTTP', async () => {
    const main = new URL('./main.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [main, '--list', 'Winback', '--delay', '0'], {
      env: { ...process.env, SENDGRID_API_KEY: testKey },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const { url } = JSON.parse(String(line)) as { url: string };
    const drive = async (method: string, path: string, body?: object): Promise<unknown> => {
      const response = await fetch(`${url}/__fake/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return response.status === 204 ? null : response.json();
    };
    await drive('POST', 'faults', { kind: 'status', status: 500, method: 'PUT' });
    expect(await drive('POST', 'faults', { kind: 'earthquake' })).toHaveProperty('errors');

    const lists = (await drive('GET', 'lists')) as { id: string }[];
    const body = { list_ids: [lists[0]?.id], contacts: [{ email: 'ada@example.com' }] };
    const client = createClient(url);
    expect((await ask(client, 'PUT', '/v3/marketing/contacts', body)).status).toBe(500);
    expect((await ask(client, 'PUT', '/v3/marketing/contacts', body)).status).toBe(202);
    expect(await drive('GET', 'lists')).toMatchObject([{ members: ['ada@example.com'] }]);
    expect(await drive('GET', 'journal?after=1')).toMatchObject([{ effect: true, status: 202 }]);

    const page = await (await fetch(url)).text();
    expect(page).toContain('<h3>Winback <small>1</small></h3><p>ada@example.com</p>');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
