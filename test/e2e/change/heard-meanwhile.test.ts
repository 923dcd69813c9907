// A source that is heard for the first time while its hub goes over to other rules for it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEmbeddedStore } from '../../../core/src/store/embedded.ts';
import { StoreError } from '../../../core/src/store/errors.ts';
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
/** Once the change has noted its rules. */
let failuresLeft = 0;

beforeEach(async () => {
  isAsked = false;
  store = await openEmbeddedStore({ folder: 'memory:', template: templateFile() });
  const slow: Store = {
    ...store,
    async query(lane, statement, parameters) {
      isAsked ||= held !== undefined && statement.name === 'resolve.write_rules';
      if (statement.name === 'resolve.write_rules') await held?.promise;
      const isLooked = isAsked && statement.name === 'intake.select_heard_from';
      if (isLooked && (failuresLeft -= 1) >= 0) throw new StoreError('STORE_UNAVAILABLE', 'away');
      return store.query(lane, statement, parameters);
    },
  };
  hub = await startHubInProcess({ config: configOf({}), writeKey, store: slow });
}, 120_000);
afterEach(async () => {
  held?.resolve();
  held = undefined;
  await hub.hub.stop();
});

test.each([
  ['is folded by the new ones from its first record', 0],
  ['also where the store is away when it is asked for', 2],
])('%s', { timeout: 120_000 }, async (_, failures) => {
  failuresLeft = failures;
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
