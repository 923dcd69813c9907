// The walk of docs/guides/mend-who-is-who.md: its commands, run one after the other against a hub with the
// guide's config, say what the page shows.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWalk, type Walk } from './walk.ts';

let walk: Walk;

beforeAll(async () => {
  walk = await openWalk({ page: 'mend-who-is-who', environment: {} });
  await walk.tell('', 'web-key-of-a-walk', [
    { type: 'identify', userId: 'ada', traits: { email: 'grace@example.com' } },
    { type: 'identify', userId: 'ada', traits: { email: 'ada@example.com' } },
    { type: 'track', userId: 'ada', event: 'Order Completed' },
    { type: 'identify', userId: 'joan', traits: { email: 'joan@example.com' } },
  ]);
}, 60_000);
afterAll(() => walk.dispose());

test('the page, from top to bottom', { timeout: 120_000 }, async () => {
  await walk.walk([
    undefined,
    'why',
    'preview',
    'parted',
    'apart',
    undefined,
    'decisions',
    'lifted',
    'retracted',
    undefined,
    'merged',
    'by-hand',
  ]);
  expect.hasAssertions();
});
