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
    sources: {
      closed: {
        plugin: '../test/support/bad-plugins/closed-source.ts',
        settings: { account: change.account },
      },
    },
  });
}

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

test('one that did not open may still not open, unless it has other settings', async () => {
  expect(hub.hub.problems).toMatchObject([{ instance: 'closed', code: 'PLUGIN_OPEN_FAILED' }]);
  hub.configure(config({ account: 'wrong', name: 'another' }));
  expect(await apply()).toMatchObject({ changed: true });
  hub.configure(config({ account: 'also wrong', name: 'another' }));
  await expect(apply()).rejects.toThrow(/409: .*CHANGE_NOT_OPENED.*closed/);
  expect(hub.hub.problems).toHaveLength(1);
  hub.configure(config({ account: 'right' }));
  expect(await apply()).toMatchObject({ changed: true });
  expect([hub.hub.problems, await ask()]).toEqual([[], 204]);
});

test('a source that was stopped for what its code did comes back with a reload', async () => {
  const stop = async (): Promise<void> => {
    const problem = { message: 'found a throw in a timer', hint: 'Mend it.' };
    hub.hub.halt('closed', { code: 'PLUGIN_CRASHED', ...problem });
    expect(await ask()).toBe(503);
  };
  await stop();
  expect(await apply()).toMatchObject({ changed: true });
  expect(await ask()).toBe(204);
  expect(await apply()).toMatchObject({ changed: false });
  // A second time as well.
  await stop();
  expect(await apply()).toMatchObject({ changed: true });
  expect(await ask()).toBe(204);
});
