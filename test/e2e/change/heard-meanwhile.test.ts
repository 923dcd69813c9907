// A source that is heard for the first time while its hub goes over to other rules for it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openEmbeddedStore } from '../../../core/src/store/embedded.ts';
import { dynamicStatement, type Store } from '../../../core/src/store/store.ts';
import { startHubInProcess, type HubInProcess } from '../../support/hub-in-process.ts';
import { templateFile } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';

const writeKey = 'heard-meanwhile-server-key';
const selectTrust = dynamicStatement('test.trust', 'SELECT trust FROM evidence');

function configOf(trust: object): string {
  const settings = {
    writeKeys: [{ key: writeKey, kind: 'server' }],
    externalIds: { crm: 'crm_id' },
  };
  const key = Buffer.alloc(32, 9).toString('base64');
  return JSON.stringify({
    tributary: 1,
    hub: { name: 'shop', store: { folder: '../data' }, key },
    identity: { namespaces: { crm_id: {} } },
    sources: { web: { plugin: '@tributary/source-http', settings, trust } },
  });
}

let store: Store;
let hub: HubInProcess;
let held: PromiseWithResolvers<void> | undefined;
let isAsked = false;

beforeAll(async () => {
  store = await openEmbeddedStore({ folder: 'memory:', template: templateFile() });
  const slow: Store = {
    ...store,
    async query(lane, statement, parameters) {
      isAsked ||= held !== undefined && statement.name === 'resolve.write_rules';
      if (statement.name === 'resolve.write_rules') await held?.promise;
      return store.query(lane, statement, parameters);
    },
  };
  hub = await startHubInProcess({ config: configOf({}), writeKey, store: slow });
}, 120_000);
afterAll(async () => {
  held?.resolve();
  await hub.hub.stop();
});

test('is folded by the new ones from its first record', { timeout: 120_000 }, async () => {
  const trust = async () => store.query('background', selectTrust);
  held = Promise.withResolvers();
  hub.configure(configOf({ server: 'declared' }));
  const applied = hub.hub.changes.apply(undefined, 'signal');
  await waitUntil(async () => isAsked, { what: 'the change to note its rules' });
  await hub.send([
    { type: 'identify', userId: 'ada', context: { externalIds: [{ type: 'crm', id: 'c1' }] } },
  ]);
  await waitUntil(async () => (await trust()).length > 0, { what: 'the record to be folded' });
  expect(await trust()).toEqual([{ trust: 1 }]);

  held.resolve();
  expect(await applied).toMatchObject({ changed: true, peopleAnew: true });
  await waitUntil(async () => JSON.stringify(await trust()) === '[{"trust":4}]', {
    what: 'people to be made anew',
    describe: trust,
  });
});
