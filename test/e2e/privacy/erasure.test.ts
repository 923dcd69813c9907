// An erasure by any identifier, seen from outside: it reaches every destination that ever got something,
// leaves no trace in any column of any table, touches nobody else, and holds against stale imports.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashKey } from '../../../core/src/delivery/plan/vendor-keys.ts';
import { readerOf } from '../../../core/src/store/reader.ts';
import { dynamicStatement, type Store } from '../../../core/src/store/store.ts';
import { verifyAudit } from '../../../core/src/audit/verify.ts';
import { eachStore } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';
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
} from './town.ts';

const insertLetter = dynamicStatement(
  'test.insert_letter',
  `INSERT INTO dead_letter (instance, stage, kind, list, key_hash, identifier_id, code, message, at, state)
   SELECT instance, 'send', 'audience', list, key_hash, identifier_id, 'REJECTED', 'no', now(), 'dropped'
   FROM ledger WHERE key_hash = $1::uuid LIMIT 1`,
);

const slow = { timeout: 120_000 };

eachStore('an erasure', (open) => {
  let store: Store;
  let town: Town;
  let request = '';

  beforeAll(async () => {
    store = await open();
    town = await startTown(store);
  }, 120_000);
  afterAll(async () => {
    await town.close();
  }, 60_000);

  const post = (batch: readonly object[], source?: 'crm'): Promise<void> =>
    send(town, batch, source);

  test('begins with two people who are known everywhere', slow, async () => {
    await post([...arrives(ada), ...arrives(bob)]);
    // Somebody else names her address: his record stays, without her.
    await post([say(bob, { type: 'track', event: 'Gift Sent', properties: { to: ada.email } })]);
    // What could not be taken holds her too.
    await post([{ ...say(ada, { type: 'track' }), properties: { mail: ada.email } }]);
    await waitUntil(
      () =>
        town.fake.members('Readers').length === 2 &&
        JSON.stringify(town.hook.received).includes(ada.name),
      {
        what: 'both to be at the vendors',
        withinMs: 20_000,
        describe: () => [town.fake.lists(), town.hook.received],
      },
    );
    // Operators have decided about her, too: that she is not he, that she has her number.
    const [hers, his] = [ada, bob].map(({ email }) => ({ namespace: 'email', value: email }));
    const number = { namespace: 'phone', value: ada.phone };
    await town.hub.call('POST', '/identity/separations', { left: hers, right: his });
    await town.hub.call('POST', '/identity/merges', { left: hers, right: number });
    expect(await findTraces(store, tracesOf(ada))).toContain('event.payload');
    // A vendor refused something once, and the letter was dropped long ago.
    await store.query('background', insertLetter, [hashKey(ada.email)]);
    expect(await findTraces(store, [hashKey(ada.email)])).toContain('dead_letter.key_hash');
  });

  test('by a phone number covers all that she is, at every destination', slow, async () => {
    const asked = await askErasure(town, [{ namespace: 'phone', value: '+49 (30) 123456789' }]);
    expect(asked).toMatchObject({ state: 'working', origin: 'api', overdue: false });
    request = asked.id;
    const states = { mail: 'done', hook: 'done', paper: 'by_hand' };
    const { destinations, state } = await awaitStates(town, request, states);
    expect(state).toBe('working');
    expect(destinations.find(({ destination }) => destination === 'mail')).toMatchObject({
      outcome: 'delivered',
      answeredAt: expect.any(String),
    });
    expect(town.fake.members('Readers')).toEqual([bob.email]);
    expect(town.fake.erased()).toContain(ada.email);
    expect(town.fake.contact(ada.email)).toBeUndefined();
    expect(JSON.stringify(town.hook.received)).toContain('profile.erased');
  });

  test(
    'is done once a person says that she is gone from where no plugin reaches',
    slow,
    async () => {
      await town.hub.call('POST', `/privacy-requests/${request}/destinations/paper/confirm`);
      await waitUntil(async () => (await readRequest(town, request)).state === 'done', {
        what: 'the request to be done',
        withinMs: 60_000,
      });
      await expect(
        town.hub.call('POST', `/privacy-requests/${request}/destinations/mail/confirm`),
      ).rejects.toThrow('NOT_BY_HAND');
    },
  );

  test('leaves no trace of her in any column of any table', slow, async () => {
    const traces = await findTraces(store, tracesOf(ada));
    // The one text of hers that stays is what somebody else said, where it names nobody.
    expect(traces.filter((place) => !['fact.properties', 'event.payload'].includes(place))).toEqual(
      [],
    );
    expect(await findTraces(store, [ada.userId, ada.phone, ada.cookie, ada.name])).toEqual([]);
    // A guess finds her no more.
    expect(await findTraces(store, [hashKey(ada.email)])).toEqual([]);
  });

  test('leaves him as he was', slow, async () => {
    const found = await town.hub.call('POST', '/profiles/lookup', {
      namespace: 'email',
      value: bob.email,
    });
    expect(found).toMatchObject({ kind: 'profile' });
    const { profileId } = found as { profileId: string };
    const profile = await town.hub.call('GET', `/profiles/${profileId}`);
    expect(profile).toMatchObject({ traits: { first_name: { value: bob.name } } });
    const events = await town.hub.call('GET', `/profiles/${profileId}/events`);
    expect(JSON.stringify(events)).toContain('Gift Sent');
  });

  test('is in the audit log without anything personal, and the log verifies', slow, async () => {
    const kinds = await readerOf(store).query<{ kind: string }>(
      dynamicStatement('test.kinds', `SELECT entry::jsonb ->> 'kind' AS kind FROM audit`),
    );
    const told = new Set(kinds.map(({ kind }) => kind));
    for (const kind of ['privacy.requested', 'privacy.confirmed', 'privacy.done']) {
      expect(told).toContain(kind);
    }
    expect(await verifyAudit(store)).toMatchObject({ intact: true });
  });

  test('holds against a stale import, whatever it says', slow, async () => {
    const old = new Date(Date.now() - 90 * 86_400_000).toISOString();
    await post([
      { ...say(ada, { type: 'identify', traits: { email: ada.email } }), timestamp: old },
    ]);
    // A copy of another system, as of now.
    await post([say(ada, { type: 'identify', traits: { email: ada.email } })], 'crm');
    // Somebody else's record is resolved after them.
    await post([say(bob, { type: 'track', event: 'Marker' })]);
    await waitUntil(async () => (await findTraces(store, ['Marker'])).includes('fact.name'), {
      what: 'the marker to be resolved',
    });
    expect(await findTraces(store, [ada.userId, ada.phone, ada.cookie])).toEqual([]);
    await expect(lookUp(ada.email)).rejects.toThrow('PROFILE_UNKNOWN');
  });

  test('ends where she comes back by herself', slow, async () => {
    await post(arrives(ada));
    await waitUntil(async () => (await lookUp(ada.email).catch(() => undefined)) !== undefined, {
      what: 'her to be known again',
    });
    await waitUntil(() => town.fake.members('Readers').length === 2, {
      what: 'her to be on the list again',
      withinMs: 60_000,
    });
    expect(town.fake.members('Readers')).toEqual([ada.email, bob.email].toSorted());
  });

  function lookUp(email: string): Promise<unknown> {
    return town.hub.call('POST', '/profiles/lookup', { namespace: 'email', value: email });
  }
});
