// The metrics of a hub that is in trouble: they are what tells of it.
import { setTimeout } from 'node:timers/promises';
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
let trouble: 'none' | 'away' | 'hangs' | 'slow' | 'busy' = 'none';
let hanging = Promise.withResolvers<void>();

/** It answers nobody who asks, or takes its time for readers alone. */
function troubled(inner: Store): Store {
  async function suffer(lane: string): Promise<void> {
    if (lane !== 'background' && lane !== 'gate') return;
    if (trouble === 'away') throw new StoreError('STORE_UNAVAILABLE', 'found nothing there');
    if (trouble === 'hangs') await hanging.promise;
    if (lane !== 'background') return;
    if (trouble === 'slow') await setTimeout(1_000);
    if (trouble === 'busy') await hanging.promise;
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

async function endTrouble(): Promise<void> {
  trouble = 'none';
  hanging.resolve();
  hanging = Promise.withResolvers();
  // Who waited is answered before anybody asks anew.
  await setTimeout(100);
}

const metric = (name: string): Promise<number | undefined> => hub.metric(name);

test.each(['away', 'hangs'] as const)(
  'a store in trouble (%s): it is said, with all that is known without it',
  async (kind) => {
    expect(await metric('tributary_store_reachable')).toBe(1);
    expect(await metric('tributary_profiles')).toBe(0);
    trouble = kind;
    const text = await (await fetch(`${hub.hub.url}/metrics`)).text();
    expect(text).toMatch(/^tributary_store_reachable 0$/m);
    expect(text).toContain('tributary_on_duty 1');
    expect(text).toMatch(/^tributary_process_resident_bytes \d/m);
    // Of a moment ago is not of now.
    expect(text).not.toMatch(/^tributary_profiles \d/m);
    await endTrouble();
    expect(await metric('tributary_store_reachable')).toBe(1);
    expect(await metric('tributary_profiles')).toBe(0);
  },
);

test('a store that is slow for readers, each question waiting for its turn: all is shown', async () => {
  trouble = 'slow';
  const text = await (await fetch(`${hub.hub.url}/metrics`)).text();
  await endTrouble();
  expect(text).toMatch(/^tributary_store_reachable 1$/m);
  expect(text).toMatch(/^tributary_profiles \d/m);
  expect(text).toMatch(/^tributary_store_bytes \d/m);
  expect(text).toMatch(/^tributary_stops \d/m);
});

test('a store too busy for readers is there: what they ask for is left out', async () => {
  trouble = 'busy';
  const text = await (await fetch(`${hub.hub.url}/metrics`)).text();
  await endTrouble();
  expect(text).toMatch(/^tributary_store_reachable 1$/m);
  expect(text).toMatch(/^tributary_resolve_lag_events \d/m);
  expect(text).not.toMatch(/^tributary_store_bytes \d/m);
  expect(await metric('tributary_stops')).toBe(0);
});
