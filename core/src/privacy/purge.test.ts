// Bodies that no plugin could read are kept as they came, packed or not: an erasure finds who is in them.
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { privacyOver } from '../../../test/property/purge.ts';
import { createLine } from '../../../test/support/line.ts';
import { emptyStore, eachStore } from '../../../test/support/stores.ts';
import { dynamicStatement, type Store } from '../store/store.ts';

const now = Date.UTC(2026, 5, 1);
const problem = { code: 'RECORD_UNREADABLE', message: 'no' } as const;
const bodyOf = (name: string): Buffer =>
  Buffer.from(`{"to":"${name}@shop.example","text":"${'€ '.repeat(100)}`);
const formOf = (name: string): Buffer =>
  Buffer.from(`text=hello+there&to=${name.toUpperCase()}%40shop.example`);
const nestedOf = (name: string): Buffer => {
  const payload = JSON.stringify({ to: `${name}@shop.example` }).replace('@', '\\u0040');
  return Buffer.from(new URLSearchParams({ payload }).toString());
};
const selectKept = dynamicStatement(
  'test.kept',
  'SELECT payload IS NOT NULL AS kept FROM quarantine ORDER BY id',
);

eachStore('what is kept aside', (open) => {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });
  beforeEach(() => emptyStore(store));

  async function eraseAda(bodies: readonly Uint8Array[]): Promise<unknown[]> {
    const line = await createLine(store, { now });
    for (const body of bodies) await line.intake.keepUnreadable('web', now, problem, body);
    const identifiers = [{ namespace: 'email', value: 'ada@shop.example' }];
    await line.accept('web', [{ type: 'delete', messageId: 'erase', identifiers }]);
    await line.resolve();
    const privacy = privacyOver(store, line);
    while (await privacy.step());
    return (await store.query('background', selectKept)).map((row) => row['kept']);
  }

  it.each<[string, (name: string) => Buffer]>([
    ['as it came', bodyOf],
    ['by gzip', (name) => gzipSync(bodyOf(name))],
    ['by deflate', (name) => deflateSync(bodyOf(name))],
    ['by deflate without a head', (name) => deflateRawSync(bodyOf(name))],
    ['by brotli', (name) => brotliCompressSync(bodyOf(name))],
    ['as a form', formOf],
    ['as JSON in a form', nestedOf],
    ['as a form by gzip', (name) => gzipSync(formOf(name))],
  ])('loses her where she is in it %s, and nobody else', async (_, packed) => {
    expect(await eraseAda([packed('ada'), packed('bob')])).toEqual([false, true]);
  });

  it('goes where nobody can say who is in it', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1_024 * 1_024));
    const cut = gzipSync(bodyOf('bob')).subarray(0, 30);
    const image = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70]);
    expect(await eraseAda([bomb, cut, image])).toEqual([false, false, true]);
  });
});
