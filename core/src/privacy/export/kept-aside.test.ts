// What was set aside of a person is told to her, and nothing of anybody else with it.
import { gzipSync } from 'node:zlib';
import type { JsonObject } from '@tributary/sdk';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { createLine } from '../../../../test/support/line.ts';
import { testKeys } from '../../../../test/support/settings.ts';
import { emptyStore, eachStore } from '../../../../test/support/stores.ts';
import { readerOf } from '../../store/reader.ts';
import type { Store } from '../../store/store.ts';
import type { PersonIdentifier } from '../find-person.ts';
import { eachKeptAside } from './kept-aside.ts';

const now = Date.UTC(2026, 5, 1);
const email = (name: string) => ({ namespace: 'email', value: `${name}@shop.example` });
const ada: readonly PersonIdentifier[] = [email('ada')].map((one) => ({
  ...one,
  hash: testKeys.identifierHash(one.namespace, one.value),
}));

eachStore('what was set aside of her', (open) => {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });
  beforeEach(() => emptyStore(store));

  async function tellAda(bodies: readonly Uint8Array[], records: readonly object[] = []) {
    const line = await createLine(store, { now });
    for (const body of bodies) {
      const problem = { code: 'RECORD_UNREADABLE', message: 'found bob@shop.example' } as const;
      await line.intake.keepUnreadable('web', now, problem, body);
    }
    const source = line.room.settings.sources.get('web');
    if (source === undefined) throw new Error('no source');
    await line.intake.submit({ source, receivedAt: now, records });
    const told: JsonObject[] = [];
    for await (const item of eachKeptAside(readerOf(store), ada, line.room)) told.push(item);
    return told;
  }

  const refused = (...identifiers: object[]) => ({ type: 'track', identifiers, properties: {} });
  const place = { source: 'web', receivedAt: new Date(now).toISOString() };

  it('is told as it came where it is one record that names her alone', async () => {
    const hers = refused({ namespace: 'email', value: 'ADA@shop.example' });
    const [told, ...others] = await tellAda([], [hers, refused(email('bob'))]);
    expect(others).toEqual([]);
    expect(told).toMatchObject({ ...place, received: JSON.stringify(hers) });
  });

  it.each<[string, Uint8Array]>([
    ['a batch', Buffer.from(JSON.stringify([email('ada'), email('bob')]))],
    ['packed', gzipSync(JSON.stringify({ to: [email('ada'), email('bob')] }))],
    ['cut off', Buffer.from('{"to":"ada@shop.example","cc":"bob@shop.example')],
  ])('is only named where it is %s', async (_, body) => {
    const told = await tellAda([body, gzipSync('bob@shop.example')]);
    expect(told).toMatchObject([{ ...place, reason: 'RECORD_UNREADABLE' }]);
    expect(told[0]).toHaveProperty('note');
    expect(JSON.stringify(told)).not.toContain('bob');
  });

  it.each([
    ['names others, too', refused(email('ada'), email('bob'))],
    ['names whom nobody knows', refused(email('ada'), { namespace: 'boat', value: 'bob' })],
    ['says who others are', { ...refused(email('ada')), traits: { email: 'bob@shop.example' } }],
    ['is an alias of others', { ...refused(email('ada')), previous: email('bob') }],
  ])('is only named where it is a record that %s', async (_, record) => {
    const told = await tellAda([], [record]);
    expect(told).toMatchObject([place]);
    expect(JSON.stringify(told)).not.toContain('bob');
  });
});
