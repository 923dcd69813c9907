// The walk of docs/guides/find-out-why.md: its commands, run one after the other against a hub with the
// guide's config, say what the page shows.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWalk, type Walk } from './walk.ts';

let walk: Walk;
let crm: Server;

beforeAll(async () => {
  crm = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end());
  });
  crm.listen(0, '127.0.0.1');
  await once(crm, 'listening');
  const { port } = crm.address() as AddressInfo;
  walk = await openWalk({
    page: 'find-out-why',
    environment: { CRM_URL: `http://127.0.0.1:${port}/` },
  });
  await walk.tell('/billing', 'billing-key-of-a-walk', [identify('pro', 60)]);
  await walk.tell('', 'web-key-of-a-walk', [identify('free', 30), order(20), order(10)]);
}, 60_000);
afterAll(async () => {
  await walk.dispose();
  crm.close();
});

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const identify = (plan: string, minutes: number): object => ({
  type: 'identify',
  userId: 'ada',
  messageId: plan,
  timestamp: ago(minutes),
  traits: { email: 'ada@example.com', plan },
});
const order = (minutes: number): object => ({
  type: 'track',
  userId: 'ada',
  event: 'Order Completed',
  messageId: `order-${minutes}`,
  timestamp: ago(minutes),
});

test('the page, from top to bottom', { timeout: 90_000 }, async () => {
  await walk.walk([
    undefined,
    'trait',
    'membership',
    undefined,
    'merge',
    'silence',
    undefined,
    'sent',
  ]);
  expect.hasAssertions();
});
