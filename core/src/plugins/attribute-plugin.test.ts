// Whatever a plugin's code sets off runs under the name of its instance, and the hub does not notice.
import { expect, test } from 'vitest';
import { defineDestination, defineSource, isPlugin, sameOutcome } from '@tributary/sdk';
import { attributePlugin } from './attribute-plugin.ts';
import { currentPlugin } from './attribution.ts';

const heard: (string | undefined)[] = [];
const note = (): void => void heard.push(currentPlugin());

const source = defineSource({
  name: 'acme',
  title: 'Acme',
  settings: { type: 'object' },
  http: {
    paths: ['/'],
    async handle() {
      await Promise.resolve();
      note();
      return { records: [], respond: () => (note(), { status: 204 }) };
    },
  },
  async *pull() {
    note();
    yield { records: [] };
    await new Promise((resolve) => setTimeout(resolve, 1));
    note();
  },
});

test('calls, what follows them, answers and generators are under the name', async () => {
  heard.length = 0;
  const named = attributePlugin(source, 'shop');
  expect(isPlugin(named)).toBe(true);
  const call = Object.create(null) as never;
  const answer = await named.http?.handle(call);
  if (answer && 'records' in answer)
    answer.respond({ accepted: 0, duplicates: 0, quarantined: [] });
  for await (const _ of named.pull?.(call) ?? []) expect(currentPlugin()).toBeUndefined();
  expect(heard).toEqual(['shop', 'shop', 'shop', 'shop']);
  expect(currentPlugin()).toBeUndefined();
});

test('a definition keeps its shape: members that are no functions, `this`, actions', async () => {
  const plugin = defineDestination({
    name: 'post',
    title: 'Post',
    settings: { type: 'object' },
    identifiers: ['email'],
    channel: 'email',
    limits: { batchRecords: 7 },
    audiences: {
      mode: 'append',
      async add({ deliveries }) {
        note();
        return sameOutcome(deliveries, { kind: 'retry', reason: this.mode });
      },
    },
    actions: {
      mail: {
        title: 'Mail',
        idempotent: false,
        parameters: { type: 'object' },
        run: async () => (note(), []),
      },
    },
  });
  heard.length = 0;
  const named = attributePlugin(plugin, 'letters');
  expect(named).toMatchObject({ name: 'post', limits: { batchRecords: 7 } });
  expect(Object.keys(named.actions ?? {})).toEqual(['mail']);
  expect(named.actions?.['mail']).toMatchObject({ idempotent: false, title: 'Mail' });
  const deliveries = [{ handle: 'a' }];
  const outcomes = await named.audiences?.add({ deliveries } as never);
  expect(outcomes).toEqual([{ handle: 'a', outcome: { kind: 'retry', reason: 'append' } }]);
  await named.actions?.['mail']?.run({ deliveries } as never);
  expect(heard).toEqual(['letters', 'letters']);
});
