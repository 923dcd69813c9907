// What does not open, or was stopped, under a hub that takes up another config: it is tried again, what is new
// of it must open, and what has nothing to do with it is taken up all the same.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEmbeddedStore } from '../../../core/src/store/embedded.ts';
import { startHubInProcess, type HubInProcess } from '../../support/hub-in-process.ts';
import { templateFile } from '../../support/stores.ts';

let hub: HubInProcess;

function config(change: { readonly account: string; readonly name?: string }): string {
  return JSON.stringify({
    tributary: 1,
    hub: {
      name: change.name ?? 'shop',
      store: { folder: 'data' },
      key: Buffer.alloc(32, 9).toString('base64'),
    },
    purposes: { news: 'News' },
    destinations: {
      shut: { plugin: '../test/support/bad-plugins/closed-destination.ts', purposes: ['news'] },
    },
    sources: {
      closed: {
        plugin: '../test/support/bad-plugins/closed-source.ts',
        settings: { account: change.account },
      },
    },
  });
}

const isShut = [{ instance: 'shut', code: 'PLUGIN_OPEN_FAILED' }];
const apply = (): Promise<unknown> => hub.call('POST', '/apply', {});
const ask = async (): Promise<number> =>
  (await fetch(`${hub.hub.url}/sources/closed/closed`, { method: 'POST' })).status;

beforeAll(async () => {
  hub = await startHubInProcess({
    config: config({ account: 'wrong' }),
    store: await openEmbeddedStore({ folder: 'memory:', template: templateFile() }),
  });
}, 120_000);
afterAll(() => hub.hub.stop());

/** The states of an instance that the metrics show as its own. */
async function shownAs(instance: string): Promise<string[]> {
  const text = await (await fetch(`${hub.hub.url}/metrics`)).text();
  const line = new RegExp(
    `^tributary_instance_state\\{instance="${instance}",state="(\\w+)"\\} 1$`,
    'gm',
  );
  return [...text.matchAll(line)].map(([, state = '']) => state);
}

async function itemOf(kind: 'sources' | 'destinations', id: string): Promise<unknown> {
  const { items } = (await hub.call('GET', `/${kind}`)) as { items: { id: string }[] };
  return items.find((item) => item.id === id);
}

const degraded = async (): Promise<unknown> =>
  ((await (await fetch(`${hub.hub.url}/readyz`)).json()) as { degraded?: unknown }).degraded;

test('operators see what did not open, and why', async () => {
  const stopped = { state: 'stopped', code: 'PLUGIN_OPEN_FAILED' };
  expect(await itemOf('sources', 'closed')).toMatchObject(stopped);
  expect(await itemOf('destinations', 'shut')).toMatchObject({
    ...stopped,
    message: expect.stringContaining('the vendor knows no such key'),
    books: [],
  });
  expect([await shownAs('closed'), await shownAs('shut')]).toEqual([['stopped'], ['stopped']]);
  expect(await degraded()).toEqual(['plugins']);
  await expect(hub.call('POST', '/destinations/shut/pause')).rejects.toThrow(
    /409: .*DESTINATION_STOPPED.*PLUGIN_OPEN_FAILED/,
  );
});

test('one that did not open may still not open, unless it has other settings', async () => {
  expect(hub.hub.problems).toMatchObject([
    { instance: 'closed', code: 'PLUGIN_OPEN_FAILED' },
    ...isShut,
  ]);
  hub.configure(config({ account: 'wrong', name: 'another' }));
  expect(await apply()).toMatchObject({ changed: true });
  hub.configure(config({ account: 'also wrong', name: 'another' }));
  await expect(apply()).rejects.toThrow(/409: .*CHANGE_NOT_OPENED.*closed/);
  expect(hub.hub.problems).toHaveLength(2);
  hub.configure(config({ account: 'right' }));
  expect(await apply()).toMatchObject({ changed: true });
  expect(hub.hub.problems).toMatchObject(isShut);
  expect(await ask()).toBe(204);
});

test('a source that was stopped for what its code did comes back with a reload', async () => {
  const stop = async (): Promise<void> => {
    const problem = { message: 'found a throw in a timer', hint: 'Mend it.' };
    hub.hub.halt('closed', { code: 'PLUGIN_CRASHED', ...problem });
    expect(await ask()).toBe(503);
    const stopped = { state: 'stopped', code: 'PLUGIN_CRASHED' };
    expect(await itemOf('sources', 'closed')).toMatchObject(stopped);
    expect(await shownAs('closed')).toEqual(['stopped']);
    expect(await degraded()).toEqual(['plugins', 'sources']);
  };
  await stop();
  expect(await apply()).toMatchObject({ changed: true });
  expect(await ask()).toBe(204);
  expect(await shownAs('closed')).toEqual(['running']);
  // A second time as well.
  await stop();
  expect(await apply()).toMatchObject({ changed: true });
  expect(await ask()).toBe(204);
});
