// Health that tells the truth: each trouble is named, and only what makes the hub unfit to be sent to says no.
import express from 'express';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import {
  createReadiness,
  leastFreeBytes,
  longestLagMs,
  type ReadinessRooms,
} from './create-readiness.ts';
import { readinessHandler } from './health.ts';

const now = 1_000_000_000;
const whole: ReadinessRooms = {
  store: { query: async <Row>() => [{ held: 0 }] as Row[] },
  resolver: { lag: async () => ({ events: 3, oldestReceivedAt: now - longestLagMs }) },
  config: { sources: new Map() },
  sources: { status: () => [] },
  paused: { list: async () => new Set() },
  plugins: { problems: [] },
  now: () => now,
  folder: '/data',
  freeBytes: async () => leastFreeBytes,
};

async function ask(change: Partial<ReadinessRooms>): Promise<readonly [number, unknown]> {
  const app = express();
  app.get(
    '/readyz',
    readinessHandler(createReadiness({ ...whole, ...change }), () => false),
  );
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  const body: unknown = await answer.json();
  server.close();
  return [answer.status, body];
}

const a = { sources: new Map([['a', {}]]) };
const away = async (): Promise<never> => Promise.reject(new Error('STORE_UNAVAILABLE'));

test('whole', async () => {
  expect(await ask({})).toEqual([200, { status: 'ready' }]);
  expect(await ask({ folder: undefined, freeBytes: async () => 0 })).toEqual([
    200,
    { status: 'ready' },
  ]);
});

test('a store that is away makes it unready, and says what cannot be told', async () => {
  const [status, body] = await ask({ resolver: { lag: away }, store: { query: away } });
  expect(status).toBe(503);
  expect(body).toEqual({
    status: 'not_ready',
    notReady: ['store'],
    degraded: ['resolve', 'destinations'],
  });
});

test('a store that hangs makes it unready', async () => {
  const [status, body] = await ask({
    resolver: { lag: async () => new Promise(() => undefined) },
  });
  expect(status).toBe(503);
  expect(body).toMatchObject({ notReady: ['store'], reasons: { store: 'no answer within 2 s' } });
});

test('a full disk makes it unready', async () => {
  expect(await ask({ freeBytes: async () => leastFreeBytes - 1 })).toEqual([
    503,
    { status: 'not_ready', notReady: ['disk'], reasons: { disk: '63 MiB are free' } },
  ]);
});

test.each([
  [
    'resolve',
    {
      resolver: { lag: async () => ({ events: 9, oldestReceivedAt: now - longestLagMs - 1_000 }) },
    },
    '9 events wait, the oldest for 301 s',
  ],
  ['plugins', { plugins: { problems: [{ instance: 'x' }, { instance: 'y' }] } }, '2 did not open'],
  [
    'sources',
    { config: a, sources: { status: () => [{ id: 'a', state: 'paused' }] } },
    '1 paused or stopped',
  ],
  [
    'sources',
    { config: a, sources: { status: () => [{ id: 'a', state: 'stopped' }] } },
    '1 paused or stopped',
  ],
  [
    'sources',
    { config: a, paused: { list: async () => new Set(['a', 'gone']) } },
    '1 paused or stopped',
  ],
  ['destinations', { store: { query: async () => [{ held: 1 }] } }, '1 paused or guarded'],
])('%s: degraded, and ready all the same', async (name, change, reason) => {
  expect(await ask(change as Partial<ReadinessRooms>)).toEqual([
    200,
    { status: 'ready', degraded: [name], reasons: { [name]: reason } },
  ]);
});
