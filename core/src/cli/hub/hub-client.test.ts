import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { exitCodes } from '../exit-codes.ts';
import { main } from '../main.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function run(
  listener: RequestListener,
): Promise<{ readonly code: number; readonly out: readonly string[]; readonly err: string }> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(['privacy', 'export'], {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    env: { TRIBUTARY_URL: `http://127.0.0.1:${port}`, TRIBUTARY_KEY: 'tk_aaaaaaaaaaaa_secret' },
    now: () => 0,
    lines: () => Promise.resolve(['email:ada@example.com']),
  });
  return { code, out, err: err.join('\n') };
}

it('an answer that comes in pieces is printed line by line', async () => {
  const ran = await run((_, response) => {
    response.write('{\n  "na');
    response.end('me": "Ada"\n}');
  });
  expect(ran).toEqual({ code: exitCodes.ok, out: ['{', '  "name": "Ada"', '}'], err: '' });
});

it('an answer that is cut off is no answer, and that is said', async () => {
  const ran = await run((_, response) => {
    response.write('{\n', () => response.destroy());
  });
  expect(ran.code).toBe(exitCodes.hubUnreachable);
  expect(ran.err).toMatch(/HUB_ANSWER_CUT: http.*What was printed is not all: ask again\./);
  expect(ran.err).not.toContain('secret');
});
