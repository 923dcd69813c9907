// Connections that no client library makes, against a running hub: raw bytes in, the answers as they come. None
// of them keeps a good record from being taken beside it.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBadInputHub, writeKey, type BadInputHub } from './bad-input/hub.ts';

let hub: BadInputHub;
let port = 0;
beforeAll(async () => {
  hub = await startBadInputHub();
  port = Number(new URL(hub.url).port);
});
afterAll(() => hub.hub.stop());

const authorization = `Authorization: Basic ${btoa(`${writeKey}:`)}`;
const head = (...lines: readonly string[]): string =>
  ['POST /v1/track HTTP/1.1', 'Host: hub', authorization, ...lines, '', ''].join('\r\n');
const body = (messageId: string): string => JSON.stringify({ userId: 'u', event: 'E', messageId });
const whole = (messageId: string): string =>
  `${head(`Content-Length: ${body(messageId).length}`)}${body(messageId)}`;

/** The status of each answer until the hub closes the connection or so many are there. */
async function say(text: string | Uint8Array, answers = 1): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  const found = (): number[] =>
    [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => Number(code));
  socket.setEncoding('utf8').on('data', (data: string) => {
    heard += data;
    if (found().length >= answers) socket.destroy();
  });
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return found();
}

interface Row {
  readonly what: string;
  readonly text: () => string | Uint8Array;
  readonly answers: readonly number[];
  readonly accepted?: number;
}

const rows: readonly Row[] = [
  {
    what: 'requests that do not wait for their answers',
    text: () => [1, 2, 3, 4, 5].map((place) => whole(`pipelined-${place}`)).join(''),
    answers: [200, 200, 200, 200, 200],
    accepted: 5,
  },
  {
    what: 'a body that is longer than its content-length: refused, and the rest is no request',
    text: () => `${head('Content-Length: 2')}{}${body('longer')}`,
    answers: [400],
  },
  {
    what: 'two content-lengths',
    text: () => head('Content-Length: 2', 'Content-Length: 3'),
    answers: [400],
  },
  {
    what: 'a length and chunks, as request smugglers send',
    text: () => `${head('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    answers: [400],
  },
  { what: 'a length that is none', text: () => head('Content-Length: many'), answers: [400] },
  {
    what: 'a length of terabytes',
    text: () => head('Content-Length: 9999999999999'),
    answers: [413],
  },
  {
    what: 'chunks without end',
    text: () =>
      `${head('Transfer-Encoding: chunked')}${`10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(40)}0\r\n\r\n`,
    answers: [413],
  },
  {
    what: 'a chunk whose size is none',
    text: () => `${head('Transfer-Encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n`,
    answers: [400],
  },
  {
    what: 'headers of 100 KB',
    text: () => head(`X-Flood: ${'x'.repeat(100_000)}`),
    answers: [431],
  },
  {
    what: 'ten thousand headers',
    text: () => head(...Array.from({ length: 10_000 }, (_, place) => `X-${place}: 1`)),
    answers: [431],
  },
  { what: 'a header with a line break in it', text: () => head('X: a\nb'), answers: [400] },
  {
    what: 'the key twice',
    text: () => `${head(authorization, `Content-Length: ${body('twice').length}`)}${body('twice')}`,
    answers: [401],
  },
  {
    what: 'no HTTP at all',
    text: () => Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252]),
    answers: [400],
  },
  {
    what: 'a path that cannot be decoded',
    text: () =>
      `POST /v1/%c0%ae%zz HTTP/1.1\r\nHost: hub\r\n${authorization}\r\nContent-Length: 0\r\n\r\n`,
    answers: [404],
  },
  {
    what: 'a path that climbs',
    text: () => 'GET /sources/../../../etc/passwd HTTP/1.1\r\nHost: hub\r\n\r\n',
    answers: [404],
  },
  {
    what: 'a URL of 30 KB',
    text: () => `GET /v1/${'a'.repeat(30_000)} HTTP/1.1\r\nHost: hub\r\n\r\n`,
    answers: [404],
  },
  {
    what: 'a method of its own',
    text: () => 'BREW /v1/track HTTP/1.1\r\nHost: hub\r\n\r\n',
    answers: [400],
  },
  {
    what: 'an upgrade',
    text: () => head('Connection: Upgrade', 'Upgrade: h2c', 'Content-Length: 0'),
    answers: [400],
  },
];

it.each(rows)('$what', async ({ text, answers, accepted = 0 }) => {
  const before = await hub.settled();
  const [heard, good] = await Promise.all([say(text(), answers.length), hub.good()]);
  expect(heard).toEqual(answers);
  expect(good.status).toBe(200);
  const after = await hub.settled();
  expect(after.accepted - before.accepted).toBe(accepted + 1);
});

it('200 bodies that come a byte at a time keep nobody waiting, and take nothing when they are cut', async () => {
  const before = await hub.settled();
  const slow: Socket[] = [];
  for (let place = 0; place < 200; place += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(`${head(`Content-Length: 100000`)}{"userId":`);
    slow.push(socket);
  }
  for (const socket of slow) socket.write('"');
  const answers = await Promise.all(Array.from({ length: 20 }, () => hub.good()));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  for (const socket of slow) socket.destroy();
  const after = await hub.settled();
  expect(after).toMatchObject({ accepted: before.accepted + 20, kept: before.kept });
});
