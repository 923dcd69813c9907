// A hub whose deployment key was replaced goes on as if nothing had been: who is who, what is at vendors and
// what came before are known, who was erased stays out, and whoever says no now is taken off by what was
// uploaded under the key of before.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyAudit } from '../../core/src/audit/verify.ts';
import { rekey } from '../../core/src/rekey/rekey.ts';
import { withInternalSource } from '../../core/src/sources/internal-source.ts';
import { dynamicStatement, type Store } from '../../core/src/store/store.ts';
import { nextTestKey, testKey } from '../support/settings.ts';
import { eachStore } from '../support/stores.ts';
import { waitUntil } from '../support/wait-until.ts';
import { pushesOf } from './delivery/journal.ts';
import {
  ada,
  arrives,
  askErasure,
  awaitStates,
  bob,
  findTraces,
  readRequest,
  say,
  send,
  startTown,
  tracesOf,
  type Town,
  type Townsperson,
} from './privacy/town.ts';

const slow = { timeout: 180_000 };
const cleo: Townsperson = {
  userId: 'customer-cleo-4713',
  email: 'cleo.patra@example.com',
  phone: '+4930555555555',
  cookie: 'cookie-cleo-0817',
  name: 'Cleopatra',
};

const dora: Townsperson = {
  userId: 'customer-dora-4714',
  email: 'dora.diamant@example.com',
  phone: '+4930444444444',
  cookie: 'cookie-dora-0818',
  name: 'Theodora',
};

const countEvents = dynamicStatement('test.events', 'SELECT count(*) AS events FROM event');
const selectIds = dynamicStatement(
  'test.ids',
  'SELECT value, profile_id FROM identifier ORDER BY value',
);
/** So that the next start makes one, and tells it. */
const forgetApiKeys = dynamicStatement('test.forget_keys', 'DELETE FROM api_key');

eachStore('a hub under another key', (open) => {
  let store: Store;
  let town: Town;
  let said: readonly object[] = [];
  let markers = 0;

  beforeAll(async () => {
    store = await open();
    town = await startTown({ ...store, close: () => Promise.resolve() });
  }, 180_000);
  afterAll(() => town.close(), 60_000);

  const readersAre = (...people: readonly Townsperson[]): Promise<void> => {
    const wanted = people.map(({ email }) => email).toSorted();
    const members = (): string[] => [...town.fake.members('Readers')].toSorted();
    return waitUntil(() => members().join() === wanted.join(), {
      what: `the readers to be ${wanted.join()}`,
      withinMs: 60_000,
      describe: members,
    });
  };
  const erase = async (person: Townsperson): Promise<void> => {
    const { id } = await askErasure(town, [{ namespace: 'email', value: person.email }]);
    await awaitStates(town, id, { mail: 'done', hook: 'done', paper: 'by_hand' });
    await town.hub.call('POST', `/privacy-requests/${id}/destinations/paper/confirm`);
    await waitUntil(async () => (await readRequest(town, id)).state === 'done', {
      what: 'the erasure to be done',
      withinMs: 60_000,
    });
  };
  const resolved = async (): Promise<void> => {
    markers += 1;
    const name = `Marker ${markers}`;
    await send(town, [say(bob, { type: 'track', event: name })]);
    await waitUntil(async () => (await findTraces(store, [name])).includes('fact.name'), {
      what: 'all to be resolved',
      withinMs: 60_000,
    });
  };

  test('has known people before, and erased one', slow, async () => {
    said = [...arrives(ada), ...arrives(bob), ...arrives(cleo)];
    await send(town, said);
    await readersAre(ada, bob, cleo);
    await waitUntil(() => JSON.stringify(town.hook.received).includes(ada.name), {
      what: 'the other vendor to know her, too',
      withinMs: 60_000,
    });
    await erase(ada);
    await readersAre(bob, cleo);
    expect(town.fake.erased()).toContain(ada.email);
  });

  test('is stopped, brought under it, and started', slow, async () => {
    const { config } = town.hub.hub;
    const before = await store.query('background', selectIds);
    await town.hub.hub.stop();
    const settings = withInternalSource(config);
    const now = Date.now();
    const done = await rekey({ store, from: testKey, to: nextTestKey, settings, now });
    expect(done).toMatchObject({ changed: true, earlierKeys: 1 });
    await store.query('background', forgetApiKeys);

    const kept = { ...store, close: () => Promise.resolve() };
    await expect(startTown(kept, {}, town)).rejects.toThrow('DEPLOYMENT_KEY_WRONG');
    const key = Buffer.from(nextTestKey).toString('base64');
    town = await startTown(kept, { key }, town);
    expect(await store.query('background', selectIds)).toEqual(before);
  });

  test('knows messages of before, and moves nothing at vendors', slow, async () => {
    const [before] = await store.query<{ events: number }>('background', countEvents);
    const pushes = pushesOf(town.fake.journal);
    await send(town, said.slice(3));
    expect(await store.query('background', countEvents)).toEqual([before]);
    await resolved();
    expect(pushesOf(town.fake.journal)).toEqual(pushes);
    await readersAre(bob, cleo);
  });

  test('keeps out who was erased before', slow, async () => {
    const old = new Date(Date.now() - 90 * 86_400_000).toISOString();
    const traits = { email: ada.email };
    await send(town, [{ ...say(ada, { type: 'identify', traits }), timestamp: old }]);
    await send(town, [say(ada, { type: 'identify', traits })], 'crm');
    await resolved();
    expect(await findTraces(store, tracesOf(ada))).toEqual([]);
  });

  test('takes off a list by what was uploaded before, and erases', slow, async () => {
    const consents = [{ purpose: 'email_marketing', status: 'withdrawn' }];
    const context = { traits: { email: bob.email } };
    await send(town, [say(bob, { type: 'consent', context, consents })]);
    await readersAre(cleo);
    await erase(cleo);
    await readersAre();
    expect(town.fake.erased()).toContain(cleo.email);
    expect(await findTraces(store, tracesOf(cleo))).toEqual([]);
  });

  test('knows somebody who comes now, and has an audit log that verifies', slow, async () => {
    await send(town, arrives(dora));
    await readersAre(dora);
    expect(await verifyAudit(store)).toMatchObject({ intact: true });
  });
});
