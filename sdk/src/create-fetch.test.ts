// Real servers on the loopback: what a broken exchange looks like is decided by sockets, not by mocks.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Agent } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createPluginFetch, type FetchCall } from './create-fetch.ts';
import { isPluginError, type PluginError } from './plugin-error.ts';

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failureOf(work: Promise<unknown>): Promise<PluginError> {
  try {
    await work;
  } catch (error) {
    if (isPluginError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('the plugin fetch', () => {
  it('answers as the web does', async () => {
    const url = await serve((request, response) => {
      response.writeHead(201, { 'x-seen': String(request.headers['x-asked']) });
      request.pipe(response);
    });
    const answer = await createPluginFetch()(`${url}/a?b=c`, {
      method: 'POST',
      headers: { 'x-asked': 'yes' },
      body: '{"n":1}',
    });
    expect(answer).toBeInstanceOf(Response);
    expect([answer.status, answer.headers.get('x-seen'), answer.url]).toEqual([
      201,
      'yes',
      `${url}/a?b=c`,
    ]);
    expect(await answer.json()).toEqual({ n: 1 });
  });

  it('sends forms through a dispatcher too', async () => {
    const url = await serve((request, response) => {
      response.setHeader('x-type', String(request.headers['content-type']));
      request.pipe(response);
    });
    const body = new FormData();
    body.set('file', new Blob(['a,b']), 'people.csv');
    const answer = await createPluginFetch({ dispatcher: new Agent() })(url, {
      method: 'POST',
      body,
    });
    expect(answer.headers.get('x-type')).toMatch(/^multipart\/form-data; boundary=/);
    expect(await answer.text()).toContain('filename="people.csv"');
  });

  it('follows no redirect, whatever the caller asks for', async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      seen.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const answer = await createPluginFetch()(`${url}/here`, { redirect: 'follow' });
    expect(answer.status).toBe(302);
    expect(seen).toEqual(['/here']);
  });

  it('calls a refused connection and an unknown host transient', async () => {
    const url = await serve(() => undefined);
    servers.splice(0).forEach((server) => server.close());
    const refused = await failureOf(createPluginFetch()(`${url}/secret-path`, { method: 'POST' }));
    expect(refused).toMatchObject({ kind: 'transient', vendorCode: 'ECONNREFUSED' });
    expect(refused.message).not.toContain('secret-path');
    const unknown = await failureOf(createPluginFetch()('http://no-such-host.invalid/'));
    expect(unknown.kind).toBe('transient');
  });

  it('calls a connection that takes too long to stand transient', async () => {
    // The time for connecting includes the look-up, and this one never answers.
    const dispatcher = new Agent({ connect: { timeout: 300, lookup: () => undefined } });
    const error = await failureOf(
      createPluginFetch({ dispatcher })('http://far.example/', { method: 'POST' }),
    );
    expect(error).toMatchObject({ kind: 'transient', vendorCode: 'UND_ERR_CONNECT_TIMEOUT' });
    await dispatcher.destroy();
  });

  it('does not know what became of a request that got no answer, or half of one', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/reset') request.socket.destroy();
      if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('half');
        setTimeout(() => request.socket.destroy(), 20);
      }
    });
    const fetch = createPluginFetch({ timeoutMs: 200 });
    const post = { method: 'POST', body: 'x' };
    expect((await failureOf(fetch(`${url}/reset`, post))).kind).toBe('unknown');
    expect((await failureOf(fetch(`${url}/hang`, post))).kind).toBe('unknown');
    const cut = await fetch(`${url}/cut`, post);
    expect((await failureOf(cut.text())).kind).toBe('unknown');
  });

  it('counts the body in its time', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200);
      response.write('the beginning');
    });
    const answer = await createPluginFetch({ timeoutMs: 10_000 })(url, { timeoutMs: 100 });
    const error = await failureOf(answer.text());
    expect([error.kind, error.message]).toEqual(['unknown', `GET ${url}: no whole answer in time`]);
  });

  it('reads no more than the bound, decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const fetch = createPluginFetch({ maxAnswerBytes: 1_000_000 });
    const error = await failureOf(fetch(url).then((answer) => answer.text()));
    expect(error).toMatchObject({ kind: 'unknown', vendorCode: 'ANSWER_TOO_LARGE' });
    const whole = await (await fetch(url, { maxAnswerBytes: 6_000_000 })).arrayBuffer();
    expect(whole.byteLength).toBe(5_000_000);
  });

  it('sends nothing once aborted, and does not know when aborted on the way', async () => {
    let requests = 0;
    const url = await serve(() => (requests += 1));
    const stop = new AbortController();
    const fetch = createPluginFetch({ signal: stop.signal });
    const waiting = failureOf(fetch(url, { method: 'POST', body: 'x' }));
    while (requests === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect((await waiting).kind).toBe('unknown');
    expect((await failureOf(fetch(url, { method: 'POST' }))).kind).toBe('transient');
    expect((await failureOf(fetch(url, { signal: AbortSignal.abort() }))).kind).toBe('transient');
    expect(requests).toBe(1);
  });

  it('gives the connection back when a body is given up', async () => {
    const open = new Set<unknown>();
    const url = await serve((request, response) => {
      open.add(request.socket);
      request.socket.once('close', () => open.delete(request.socket));
      response.writeHead(200);
      response.write('more will come');
    });
    const answer = await createPluginFetch()(url);
    await answer.body?.cancel();
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  it('keeps secrets out of what it throws', async () => {
    const secret = 'sk_live_0123456789';
    const url = await serve((request) => request.socket.destroy());
    const error = await failureOf(
      createPluginFetch({ secrets: [secret] })(`${url}/${secret}?key=${secret}`, {
        headers: { authorization: `Bearer ${secret}` },
      }),
    );
    expect(`${error.message} ${String(error.stack)} ${JSON.stringify(error)}`).not.toContain(
      secret,
    );
    expect(error.cause).toBeUndefined();
    const failing = createPluginFetch({
      secrets: [secret],
      fetch: () => Promise.reject(new Error(`cannot read ${secret}`)),
    });
    expect((await failureOf(failing('https://vendor.example/'))).message).not.toContain(secret);
  });

  it('counts calls, with method, host and result only', async () => {
    const url = await serve((_request, response) => response.writeHead(503).end());
    const calls: FetchCall[] = [];
    const fetch = createPluginFetch({ onCall: (call) => calls.push(call), now: () => 5 });
    await fetch(`${url}/lists/42?token=t`);
    servers.splice(0).forEach((server) => {
      server.closeAllConnections?.();
      server.close();
    });
    await failureOf(fetch(url, { method: 'put' }));
    const host = new URL(url).host;
    expect(calls).toEqual([
      { method: 'GET', host, milliseconds: 0, status: 503 },
      { method: 'PUT', host, milliseconds: 0, failure: expect.any(String) },
    ]);
  });

  it('refuses what is no web address', async () => {
    for (const target of ['file:///etc/passwd', 'not a url', 'ftp://example.com/']) {
      expect((await failureOf(createPluginFetch()(target))).kind).toBe('rejected');
    }
  });
});
