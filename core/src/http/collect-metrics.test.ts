// The metrics of a hub that is in trouble: they are what tells of it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHubInProcess, type HubInProcess } from '../../../test/support/hub-in-process.ts';
import { templateFile } from '../../../test/support/stores.ts';
import { openEmbeddedStore } from '../store/embedded.ts';
import { StoreError } from '../store/errors.ts';
import type { Store } from '../store/store.ts';

const config = JSON.stringify({
  tributary: 1,
  hub: { store: { folder: 'data' }, key: Buffer.alloc(32, 4).toString('base64') },
});

let hub: HubInProcess;
let trouble: 'none' | 'away' | 'hangs' = 'none';
const hanging = Promise.withResolvers<void>();

/** It answers no reader. */
function troubled(inner: Store): Store {
  async function suffer(lane: string): Promise<void> {
    if (lane !== 'background') return;
    if (trouble === 'away') throw new StoreError('STORE_UNAVAILABLE', 'found nothing there');
    if (trouble === 'hangs') await hanging.promise;
  }
  return {
    ...inner,
    async query(lane, statement, parameters) {
      await suffer(lane);
      return inner.query(lane, statement, parameters);
    },
    async transaction(lane, work) {
      await suffer(lane);
      return inner.transaction(lane, work);
    },
  };
}

beforeAll(async () => {
  const store = await openEmbeddedStore({ folder: 'memory:', template: templateFile() });
  hub = await startHubInProcess({ config, store: troubled(store) });
}, 120_000);
afterAll(async () => {
  trouble = 'none';
  await hub.hub.stop();
});

const metric = (name: string): Promise<number | undefined> => hub.metric(name);

test.each(['away', 'hangs'] as const)(
  'a store in trouble (%s): it is said, with all that is known without it',
  async (kind) => {
    expect(await metric('tributary_store_reachable')).toBe(1);
    expect(await metric('tributary_profiles')).toBe(0);
    trouble = kind;
    const text = await (await fetch(`${hub.hub.url}/metrics`)).text();
    expect(text).toContain('tributary_store_reachable 0');
    expect(text).toContain('tributary_on_duty 1');
    expect(text).toMatch(/^tributary_process_resident_bytes \d/m);
    // Of a moment ago is not of now.
    expect(text).not.toMatch(/^tributary_profiles \d/m);
    trouble = 'none';
    if (kind === 'hangs') hanging.resolve();
    expect(await metric('tributary_store_reachable')).toBe(1);
    expect(await metric('tributary_profiles')).toBe(0);
  },
);
