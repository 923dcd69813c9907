// What a new package does in trouble that its report card cannot make, having two deliveries, or nothing that an
// update could read.
import {
  createSettingsValidator,
  createTestContext,
  playDestination,
} from '@tributary/sdk/testing';
import { expect, test } from 'vitest';
import { cases } from '../../../templates/destination-action/src/examples.ts';
import plugin from '../../../templates/destination-action/src/index.ts';
import poll from '../../../templates/source-poll/src/index.ts';
import stream from '../../../templates/source-stream/src/index.ts';

const stage = { plugin, cases, validate: createSettingsValidator(plugin.settings) };

test.each([
  ['is too fast', { status: 429, headers: { 'retry-after': '60' } }],
  ['is refused', { status: 401 }],
])('an action that %s sends no more of its batch', async (_title, answer) => {
  const [example] = cases.examples;
  if (example?.in.call !== 'actions') throw new Error('no example of an action');
  const [first] = example.in.deliveries;
  if (first === undefined) throw new Error('no delivery');
  const deliveries = ['ada', 'bob', 'cyd', 'dee'].map((handle) => ({ ...first, handle }));
  const fault = { from: 1, react: () => answer };
  const play = await playDestination(stage, { input: { ...example.in, deliveries }, fault });
  expect(play.requests).toHaveLength(2);
  const kinds = [...play.verdicts].map(([handle, { kind }]) => [handle, kind]);
  expect(kinds).toEqual([
    ['ada', 'delivered'],
    ['bob', 'retry'],
    ['cyd', 'retry'],
    ['dee', 'retry'],
  ]);
});

test.each([
  ['polls', poll, { id: 'p-1', email: 'ada@example.com', version: 1 }, 'person-p-1-1'],
  ['streams', stream, { id: 8, email: 'ada@example.com', name: 'Signed Up' }, 'event-8'],
])('a source that %s reads what it has learnt to read', async (_title, source, item, messageId) => {
  const settings = { apiKey: 'a-key-for-tests', baseUrl: 'http://127.0.0.1:9' };
  const call = { ...createTestContext({ settings }), connection: undefined, receivedAt: 0 };
  const reread = async (text: string): Promise<unknown> =>
    source.reread?.({ ...call, payload: Buffer.from(text) });
  expect(await reread(JSON.stringify(item))).toMatchObject([{ messageId }]);
  expect(await reread('{"id":1}')).toEqual([{ type: 'unreadable', item: { id: 1 } }]);
  await expect(reread('{"id":')).rejects.toMatchObject({ kind: 'rejected' });
});
