// Sources over real HTTP, with intake and store as they are: what a plugin gets to see, and what a
// sender is told when something is in the way.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import {
  defineSource,
  type HttpAnswer,
  type PluginContext,
  type SourceDefinition,
  type SourceRequest,
} from '@tributary/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyStore } from '../../../test/support/stores.ts';
import type { Intake } from '../intake/intake.ts';
import { listQuarantine, type QuarantineRow } from '../intake/quarantine.ts';
import { openEmbeddedStore } from '../store/embedded.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { createTestIntake, instanceSettings } from './fixtures/test-intake.ts';
import { startServer, type RunningServer, type ServerSettings } from './fixtures/running-server.ts';
import type { OpenedSource } from './http-server.ts';

type Http = NonNullable<SourceDefinition<{ type: 'object' }, { secret: string }>['http']>;

function source(id: string, http: Http, mount?: string): OpenedSource {
  const definition = defineSource<{ type: 'object' }, { secret: string }>({
    name: id,
    title: id,
    settings: { type: 'object' },
    open: () => ({ secret: 'sesame' }),
    http,
  });
  return {
    settings: instanceSettings(id, mount),
    definition: definition as OpenedSource['definition'],
    context: context(id),
    connection: { secret: 'sesame' },
  };
}

function context(instance: string): PluginContext<unknown> {
  const quiet = (): void => undefined;
  return {
    instance,
    settings: {},
    fetch: () => Promise.reject(new Error('no network in this test')),
    clock: { now: () => 0, sleep: () => Promise.resolve() },
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    signal: new AbortController().signal,
    random: () => 0,
  };
}

/** Takes `{ "userId", "event" }` and answers what became of it. */
const tracker: Http = {
  paths: ['/v1/track'],
  headers: { 'access-control-allow-origin': '*' },
  handle: ({ request }) => ({
    records: [trackOf(request)],
    respond: (receipt) => ({ status: 200, body: JSON.stringify(receipt) }),
  }),
};

function trackOf(request: SourceRequest) {
  const { userId, event, messageId } = JSON.parse(Buffer.from(request.rawBody).toString());
  return {
    type: 'track' as const,
    identifiers: [{ namespace: 'user_id', value: userId }],
    event,
    messageId,
  };
}

let store: Store;
let intake: Intake;
const running: RunningServer[] = [];
beforeAll(async () => {
  store = await openEmbeddedStore({ folder: 'memory:' });
});
beforeEach(async () => {
  await emptyStore(store);
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.close(1_000);
});
afterAll(() => store.close());

async function serve(
  sources: readonly OpenedSource[],
  settings: ServerSettings & { maxWaiting?: number } = {},
): Promise<RunningServer> {
  const { maxWaiting, ...others } = settings;
  intake = createTestIntake(
    store,
    sources.map((item) => item.settings),
    maxWaiting === undefined ? {} : { maxWaiting },
  );
  const server = await startServer(store, { sources, intake, ...others });
  running.push(server);
  return server;
}

async function post(
  server: RunningServer,
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(`${server.url}${path}`, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function events(): Promise<{ number: number; type: string; payload: Uint8Array }[]> {
  const sql = 'SELECT number, type, payload FROM event ORDER BY number';
  return store.query('gate', dynamicStatement('test.events', sql));
}

async function quarantine(): Promise<QuarantineRow[]> {
  return store.transaction('gate', (transaction) => listQuarantine(transaction, {}));
}

const track = (userId: unknown, messageId = 'm1'): string =>
  JSON.stringify({ userId, event: 'Order Completed', messageId });

describe('a request', () => {
  it('is answered after its records are in the log, and a duplicate says so', async () => {
    const server = await serve([source('shop', tracker)]);
    const first = await post(server, '/sources/shop/v1/track', track('42'));
    expect(JSON.parse(first.text)).toEqual({ accepted: 1, duplicates: 0, quarantined: [] });
    expect(await events()).toMatchObject([{ number: 1, type: 'track' }]);
    const second = await post(server, '/sources/shop/v1/track', track('42'));
    expect(JSON.parse(second.text)).toMatchObject({ accepted: 0, duplicates: 1 });
    const third = await post(server, '/sources/shop/v1/track', track(''));
    expect(JSON.parse(third.text)).toMatchObject({ accepted: 0, quarantined: [{ index: 0 }] });
    expect(await quarantine()).toMatchObject([{ source: 'shop', state: 'open' }]);
  });

  it('reaches the plugin as it came: bytes, query, headers, path below the mount', async () => {
    const seen: SourceRequest[] = [];
    const answer: HttpAnswer = { status: 202 };
    const http: Http = {
      paths: ['/hooks/*'],
      handle: ({ request, connection }) => {
        expect(connection.secret).toBe('sesame');
        seen.push(request);
        return { answer };
      },
    };
    const server = await serve([source('shop', http, '/in/')], { now: () => 1_750_000_000_000 });
    const body = gzipSync('{"a":1}');
    const options = {
      port: server.port,
      method: 'POST',
      path: '/in/hooks/%61/b?x=1&x=2&y=%20',
      headers: { 'content-encoding': 'gzip', 'x-many': ['a', 'b'], 'content-type': 'text/plain' },
    };
    const status = await new Promise((resolve, reject) => {
      const outgoing = httpRequest(options, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
    expect(status).toBe(202);
    const [request] = seen;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/hooks/%61/b',
      remoteAddress: '127.0.0.1',
      receivedAt: 1_750_000_000_000,
    });
    expect(request?.query.getAll('x')).toEqual(['1', '2']);
    expect(request?.headers).toMatchObject({ 'x-many': 'a, b', 'content-encoding': 'gzip' });
    expect(Buffer.from(request?.rawBody ?? [])).toEqual(body);
  });

  it('is verified over its raw bytes before anybody parses them', async () => {
    const http: Http = {
      paths: ['/'],
      handle: ({ request, connection }) => {
        const expected = createHmac('sha256', connection.secret).update(request.rawBody).digest();
        const given = Buffer.from(request.headers['x-signature'] ?? '', 'hex');
        if (given.length !== 32 || !timingSafeEqual(given, expected)) {
          return { answer: { status: 401 } };
        }
        return { records: [trackOf(request)], respond: () => ({ status: 204 }) };
      },
    };
    const server = await serve([source('shop', http)]);
    const body = `${track('42')}   `;
    const signature = createHmac('sha256', 'sesame').update(body).digest('hex');
    expect((await post(server, '/sources/shop', body)).status).toBe(401);
    const bad = await post(server, '/sources/shop', '{{{', { 'content-type': 'application/json' });
    expect(bad.status).toBe(401);
    expect(await quarantine()).toEqual([]);
    const good = await post(server, '/sources/shop', body, { 'x-signature': signature });
    expect(good.status).toBe(204);
    expect(await events()).toHaveLength(1);
  });

  it('that cannot be read is kept as it came, then answered', async () => {
    const http: Http = {
      paths: ['/*'],
      handle: () => ({
        unreadable: { code: 'BAD_XML', message: 'line 3' },
        answer: { status: 400, body: 'no' },
      }),
    };
    const server = await serve([source('shop', http)]);
    const answer = await post(server, '/sources/shop/x', '<xml');
    expect([answer.status, answer.text]).toEqual([400, 'no']);
    const [entry] = await quarantine();
    expect(entry).toMatchObject({ source: 'shop', code: 'RECORD_UNREADABLE' });
    expect(entry?.message).toContain('BAD_XML: line 3');
    expect(Buffer.from(entry?.payload ?? []).toString()).toBe('<xml');
  });

  it('with HEAD or OPTIONS is the plugin’s as well', async () => {
    const http: Http = {
      paths: ['/v1/*'],
      handle: ({ request }) => ({
        answer: {
          status: request.method === 'OPTIONS' ? 204 : 200,
          headers: { 'Access-Control-Allow-Methods': 'POST' },
          body: 'hello',
        },
      }),
    };
    const server = await serve([source('shop', http, '/')]);
    const preflight = await fetch(`${server.url}/v1/t`, { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toBe('POST');
    const head = await fetch(`${server.url}/v1/t`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      '5',
      '',
    ]);
  });

  it('goes to the source that listens there, and to none below the hub’s own paths', async () => {
    const named = (name: string): Http => ({
      paths: ['/v1/*', '/only'],
      handle: () => ({ answer: { status: 200, body: name } }),
    });
    const server = await serve([
      source('root', named('root'), '/'),
      source('deep', named('deep'), '/shop'),
    ]);
    const read = async (path: string): Promise<string> =>
      (await fetch(`${server.url}${path}`)).text();
    expect(await read('/v1/x')).toBe('root');
    expect(await read('/shop/v1/x')).toBe('deep');
    expect(await read('/shop/only')).toBe('deep');
    expect(await read('//v1/x')).toContain('ROUTE_UNKNOWN');
    expect(await read('/v2/x')).toContain('ROUTE_UNKNOWN');
    expect(await read('/healthz')).toContain('ok');
    expect(server.reports.some(({ route }) => route === 'source deep')).toBe(true);
  });
});

describe('mounts that collide', () => {
  const listening: Http = { paths: ['/v1/*'], handle: () => ({ answer: { status: 200 } }) };
  it.each([
    [
      [source('a', listening, '/'), source('b', listening, '/')],
      /sources\.b\.mount: found \/v1\/\*, which a listens on/,
    ],
    [
      [source('a', listening, '/api')],
      /sources\.a\.mount: found \/api\/v1\/\*, expected a path outside \/api/,
    ],
    [[source('a', { ...listening, paths: ['/metrics'] }, '/')], /outside \/metrics/],
  ])('are refused before anything listens', async (sources, message) => {
    await expect(serve(sources)).rejects.toThrow(message);
  });
});

describe('bounds', () => {
  const small: Http = { ...tracker, maxBodyBytes: 1_000 };

  it('answer 413 above the plugin’s own, with its headers, whether the length was told or not', async () => {
    const server = await serve([source('shop', small)]);
    const told = await post(server, '/sources/shop/v1/track', 'x'.repeat(1_001));
    expect(told.status).toBe(413);
    expect(JSON.parse(told.text)).toEqual({ code: 'BODY_TOO_LARGE', maxBytes: 1_000 });
    expect(told.headers.get('access-control-allow-origin')).toBe('*');
    const chunks = new ReadableStream({
      start(controller) {
        for (let part = 0; part < 100; part += 1) controller.enqueue(Buffer.alloc(500));
        controller.close();
      },
    });
    const untold = await fetch(`${server.url}/sources/shop/v1/track`, {
      method: 'POST',
      body: chunks,
      duplex: 'half',
    });
    expect(untold.status).toBe(413);
    const fits = await post(server, '/sources/shop/v1/track', track('42').padEnd(1_000));
    expect(fits.status).toBe(200);
    expect(await quarantine()).toEqual([]);
  });

  it('hold what all bodies together may take', async () => {
    const server = await serve([source('shop', tracker)], { bodyBudgetBytes: 2_000 });
    const answer = await post(server, '/sources/shop/v1/track', track('42').padEnd(3_000));
    expect(answer.status).toBe(429);
    expect((await post(server, '/sources/shop/v1/track', track('42'))).status).toBe(200);
  });

  it('refuse headers that are too long', async () => {
    const server = await serve([source('shop', tracker)]);
    const answer = await post(server, '/sources/shop/v1/track', '', {
      'x-long': 'x'.repeat(40_000),
    });
    expect(answer.status).toBe(431);
  });

  it('survive a sender who hangs up in the middle', async () => {
    const server = await serve([source('shop', tracker)]);
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      'POST /sources/shop/v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"us',
    );
    await expect.poll(() => server.inFlight()).toBe(1);
    socket.destroy();
    await expect.poll(() => server.inFlight()).toBe(0);
    expect(await events()).toEqual([]);
    expect((await post(server, '/sources/shop/v1/track', track('42'))).status).toBe(200);
  });
});

describe('when something is in the way', () => {
  it('a full intake answers 429 with whole seconds, in the plugin’s dialect where it has one', async () => {
    const busyHttp: Http = {
      ...tracker,
      busy: (seconds) => ({ status: 429, body: `slow down ${seconds}` }),
    };
    const server = await serve([source('plain', tracker), source('own', busyHttp)], {
      maxWaiting: 1,
    });
    // Holds the store, so that the first record waits for its commit.
    let release = (): void => undefined;
    const held = store.transaction('intake', () => new Promise<void>((done) => (release = done)));
    const first = post(server, '/sources/plain/v1/track', track('1', 'a'));
    await expect.poll(() => intake.waiting()).toBe(1);
    const plainBusy = await post(server, '/sources/plain/v1/track', track('2', 'b'));
    const ownBusy = await post(server, '/sources/own/v1/track', track('3', 'c'));
    release();
    await held;
    expect((await first).status).toBe(200);
    expect(plainBusy.status).toBe(429);
    expect(plainBusy.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(plainBusy.headers.get('access-control-allow-origin')).toBe('*');
    expect(ownBusy.text).toBe('slow down 1');
    expect(ownBusy.headers.get('retry-after')).toBe('1');
    expect(await events()).toHaveLength(1);
  });

  it('a store that is away answers 503 with Retry-After', async () => {
    const other = await openEmbeddedStore({ folder: 'memory:' });
    const sources = [source('shop', tracker)];
    const away = createTestIntake(
      other,
      sources.map((item) => item.settings),
    );
    const server = await serve(sources, { intake: away });
    await other.close();
    const answer = await post(server, '/sources/shop/v1/track', track('42'));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(JSON.parse(answer.text)).toEqual({ code: 'STORE_UNAVAILABLE' });
  });

  it('a plugin that throws answers 500 with a code, and its body is kept', async () => {
    const http: Http = {
      paths: ['/*'],
      headers: { 'access-control-allow-origin': '*' },
      handle: () => {
        throw new TypeError('ada@example.com is not iterable');
      },
    };
    const server = await serve([source('shop', http)]);
    const answer = await post(server, '/sources/shop/x', 'ada@example.com');
    expect(answer.status).toBe(500);
    expect(answer.text).toBe('{"code":"SOURCE_FAILED"}');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const [entry] = await quarantine();
    expect(entry?.message).toContain('SOURCE_FAILED: the plugin threw TypeError');
    expect(entry?.message).not.toContain('ada@');
    expect(Buffer.from(entry?.payload ?? []).toString()).toBe('ada@example.com');
  });

  it('what a failing plugin fills quarantine with is bounded, by the minute', async () => {
    let now = 1_750_000_000_000;
    const http: Http = { paths: ['/*'], handle: () => Promise.reject(new Error('no')) };
    const server = await serve([source('shop', http)], { now: () => now });
    for (let sent = 0; sent < 70; sent += 1) await post(server, '/sources/shop/x', `${sent}`);
    expect(await quarantine()).toHaveLength(60);
    now += 60_000;
    expect((await post(server, '/sources/shop/x', 'later')).status).toBe(500);
    expect(await quarantine()).toHaveLength(61);
  });

  it('a plugin that hangs is told so, answered for in time, and its body is kept', async () => {
    let aborted = false;
    const http: Http = {
      paths: ['/*'],
      handle: ({ signal }) =>
        new Promise(() => signal.addEventListener('abort', () => (aborted = true))),
    };
    const server = await serve([source('shop', http)], { handlerTimeoutMs: 50 });
    const answer = await post(server, '/sources/shop/x', 'body');
    expect([answer.status, answer.text]).toEqual([503, '{"code":"SOURCE_TIMEOUT"}']);
    expect(aborted).toBe(true);
    expect(await quarantine()).toMatchObject([{ source: 'shop' }]);
  });

  it('an answer that HTTP forbids becomes a 500 with a code', async () => {
    const http: Http = {
      paths: ['/*'],
      handle: () => ({ answer: { status: 200, headers: { 'x-a': 'a\r\nset-cookie: b' } } }),
    };
    const server = await serve([source('shop', http)]);
    const answer = await post(server, '/sources/shop/x', '');
    expect([answer.status, answer.text]).toEqual([500, '{"code":"SOURCE_ANSWER_INVALID"}']);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });
});

describe('the end', () => {
  function slow(): { http: Http; entered: Promise<void>; release(): void } {
    const gates = { enter: (): void => undefined, release: (): void => undefined };
    const entered = new Promise<void>((resolve) => (gates.enter = resolve));
    const released = new Promise<void>((resolve) => (gates.release = resolve));
    const http: Http = {
      ...tracker,
      handle: async (call) => {
        gates.enter();
        await released;
        return tracker.handle(call);
      },
    };
    return { http, entered, release: () => gates.release() };
  }

  it('lets what is under way finish and takes nothing new', async () => {
    const { http, entered, release } = slow();
    const server = await serve([source('shop', http)]);
    const underWay = post(server, '/sources/shop/v1/track', track('42'));
    await entered;
    const closing = server.close(10_000);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed');
    release();
    expect((await underWay).status).toBe(200);
    await closing;
    expect(await events()).toHaveLength(1);
  });

  it('comes within its bound, whoever hangs', async () => {
    const { http, entered } = slow();
    const server = await serve([source('shop', http)]);
    const cut = post(server, '/sources/shop/v1/track', track('42')).catch(() => 'cut');
    await entered;
    await server.close(100);
    expect(await cut).toBe('cut');
  });

  it('makes /readyz say no to those who are still connected', async () => {
    const { http, entered, release } = slow();
    const server = await serve([source('shop', http)]);
    const socket = connect(server.port, '127.0.0.1');
    let heard = '';
    socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
    const body = track('42');
    socket.write(
      `POST /sources/shop/v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await entered;
    const closing = server.close(10_000);
    socket.write('GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n');
    release();
    await closing;
    await expect.poll(() => heard).toContain('"notReady":["stopping"]');
  });
});
