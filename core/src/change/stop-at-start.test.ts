// A hub that is told to stop while it makes people anew before it works: it does not go through with that, and
// whoever starts next begins it again.
import { expect, test } from 'vitest';
import { startHubInProcess, type HubInProcess } from '../../../test/support/hub-in-process.ts';
import { templateFile } from '../../../test/support/stores.ts';
import { openEmbeddedStore } from '../store/embedded.ts';
import { dynamicStatement, type Store } from '../store/store.ts';

const countProfiles = dynamicStatement('test.profiles', 'SELECT count(*) AS profiles FROM profile');
const message = { type: 'identify', userId: 'u1', messageId: 'm1', traits: { plan: 'pro' } };

function start(store: Store, merge: string, signal?: AbortSignal): Promise<HubInProcess> {
  const config = JSON.stringify({
    tributary: 1,
    hub: { store: { folder: 'data' }, key: Buffer.alloc(32, 3).toString('base64') },
    traits: { plan: { merge } },
    sources: {
      web: {
        plugin: '@tributary/source-http',
        settings: { writeKeys: [{ key: '${WRITE_KEY}', kind: 'server' }] },
      },
    },
  });
  const writeKey = 'a-write-key';
  const environment = { WRITE_KEY: writeKey };
  return startHubInProcess({ config, environment, writeKey, store, ...(signal && { signal }) });
}

test('stops at once, and the next start makes people', { timeout: 120_000 }, async () => {
  const store = await openEmbeddedStore({ folder: 'memory:', template: templateFile() });
  // It outlives the hubs.
  const kept = { ...store, close: () => Promise.resolve() };
  const first = await start(kept, 'latest');
  await first.send([message]);
  await first.hub.stop();
  expect(await store.query('background', countProfiles)).toEqual([{ profiles: 1 }]);

  const ending = new AbortController();
  const told = new Error('told to stop');
  // It is told in the midst of it: the people of before are gone by then.
  const telling: Store = {
    ...kept,
    async query<Row extends object>(...asked: Parameters<Store['query']>): Promise<Row[]> {
      const result = await kept.query<Row>(...asked);
      const [row] = await store.query<{ profiles: number }>('background', countProfiles);
      if (row?.profiles === 0) ending.abort(told);
      return result;
    },
  };
  await expect(start(telling, 'oldest', ending.signal)).rejects.toBe(told);
  expect(await store.query('background', countProfiles)).toEqual([{ profiles: 0 }]);

  const next = await start(kept, 'oldest');
  expect(await store.query('background', countProfiles)).toEqual([{ profiles: 1 }]);
  await next.hub.stop();
  await store.close();
});
