// What a running hub makes of requests that no library sends: it keeps what it cannot take, says so in
// the protocol's words, and goes on.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverKey, startListeningHub, type ListeningHub } from './clients/hub.ts';

let hub: ListeningHub;
beforeAll(async () => {
  hub = await startListeningHub();
});
afterAll(() => hub.stop());

async function post(path: string, body: string | object): Promise<number> {
  const response = await fetch(`${hub.url}/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${serverKey}:`).toString('base64')}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  await response.body?.cancel();
  return response.status;
}

/** What a request adds to what the hub holds, and how it was answered. */
async function effectOf(path: string, body: string | object): Promise<object> {
  const before = await hub.counts();
  const status = await post(path, body);
  const after = await hub.counts();
  return {
    status,
    accepted: after.accepted - before.accepted,
    kept: after.quarantined - before.quarantined,
  };
}

const track = (messageId: string, more: object = {}): object => ({
  type: 'track',
  event: 'E',
  userId: 'u',
  messageId,
  ...more,
});
const large = { properties: { text: 'x'.repeat(33_000) } };
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

const cases: { what: string; path: string; body: string | object; effect: object }[] = [
  {
    what: 'a message twice in a batch',
    path: 'batch',
    body: { batch: [track('a'), track('a'), track('b')] },
    effect: { status: 200, accepted: 2, kept: 0 },
  },
  {
    what: 'a message that came before, by another path',
    path: 'track',
    body: track('a'),
    effect: { status: 200, accepted: 0, kept: 0 },
  },
  {
    what: 'bad messages among good ones',
    path: 'batch',
    body: {
      batch: [
        track('c'),
        track('d', large),
        track('e', { event: undefined }),
        track('f', { userId: null }),
        { type: 'alias', userId: 'u' },
        { type: 'wish' },
        null,
        7,
        track('g'),
      ],
    },
    effect: { status: 200, accepted: 2, kept: 7 },
  },
  {
    what: 'a single message that is too large',
    path: 'track',
    body: track('h', large),
    effect: { status: 400, accepted: 0, kept: 1 },
  },
  {
    what: 'a message that is too deep',
    path: 'batch',
    body: `{"batch":[{"type":"identify","userId":"u","traits":{"a":${nested(300)}}},${JSON.stringify(track('i'))}]}`,
    effect: { status: 200, accepted: 1, kept: 1 },
  },
  {
    what: 'an abyss',
    path: 'batch',
    body: `{"batch":[${nested(100_000)}]}`,
    effect: { status: 400, accepted: 0, kept: 1 },
  },
  {
    what: 'more than may come at once',
    path: 'batch',
    body: { batch: Array.from({ length: 2_501 }, (_, place) => track(`j${place}`)) },
    effect: { status: 400, accepted: 0, kept: 1 },
  },
];

it.each(cases)('$what', async ({ path, body, effect }) => {
  expect(await effectOf(path, body)).toEqual(effect);
});
