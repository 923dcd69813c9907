// A namespace has another normal form from now on: destinations know people by the earlier one, and an erasure
// reaches them there as well.
import { expect, test } from 'vitest';
import { privacyOver } from '../../../test/property/purge.ts';
import {
  destinationSettings,
  purpose,
  start,
  startHub,
} from '../../../test/support/delivery-hub.ts';
import { createLine, type Line } from '../../../test/support/line.ts';
import { scriptedDestination } from '../../../test/support/scripted-destination.ts';
import { testKeys, testSettings } from '../../../test/support/settings.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import type { AudienceSettings } from '../audience/rule.ts';
import { rebuild } from '../resolve/rebuild.ts';
import { dynamicStatement, isoTime, type Store } from '../store/store.ts';
import type { IdentitySettings } from './settings.ts';

const buyers: AudienceSettings = {
  name: 'buyers',
  title: 'Bought',
  rule: {
    kind: 'measure',
    measure: {
      events: [{ type: 'track', name: 'Order', where: [] }],
      window: { kind: 'ever' },
      aggregate: { kind: 'count' },
    },
    comparison: { kind: 'number', atLeast: 1 },
  },
};
const typed = { namespace: 'email', value: 'Ada@Shop.example' };
const normal = { namespace: 'email', value: 'ada@shop.example' };
const settings = destinationSettings('mail', {
  audiences: [{ audience: 'buyers', list: 'L', traits: new Map() }],
});

/** Addresses as they were typed. */
function asTyped(): IdentitySettings {
  const { namespaces } = testSettings().identity;
  const spaces = [...namespaces.values()].map((space) =>
    space.name === 'email' ? { ...space, normalise: 'none' as const } : space,
  );
  return { namespaces: new Map(spaces.map((space) => [space.name, space])) };
}

const identifiers = dynamicStatement('test.identifiers', 'SELECT value FROM identifier');
const insertDisclosure = dynamicStatement(
  'test.insert_disclosure',
  `INSERT INTO disclosure (instance, scope, identifier_hash, fields, first_at, last_at)
   VALUES ('mail', 'event:track', $1::uuid, '{email}', $2::timestamptz, $2::timestamptz)`,
);
const tasks = dynamicStatement('test.tasks', 'SELECT state FROM privacy_task');
const traces = dynamicStatement(
  'test.traces',
  `SELECT 'identifier' AS place FROM identifier UNION ALL SELECT 'disclosure' FROM disclosure
   UNION ALL SELECT 'key_holder' FROM key_holder UNION ALL SELECT 'ledger' FROM ledger
   UNION ALL SELECT state FROM privacy_request`,
);

eachStore('the form of an identifier changes', (open) => {
  const clean = withCleanStore(open);

  async function arrive(store: Store): Promise<Line> {
    const line = await createLine(store, {
      now: start,
      audiences: [buyers],
      settings: { identity: asTyped() },
    });
    const timestamp = start - 2_000;
    const said = { identifiers: [typed], timestamp };
    const consents = [{ purpose, status: 'granted' }];
    await line.accept('web', [
      { ...said, type: 'consent', messageId: 'grant', consents },
      { ...said, type: 'track', event: 'Order', messageId: 'order' },
    ]);
    await line.resolve();
    return line;
  }

  async function change(store: Store): Promise<Line> {
    const line = await createLine(store, { now: start + 1_000, audiences: [buyers] });
    await rebuild({ store, room: line.room });
    return line;
  }

  test('and the earlier one goes where nothing needs it', async () => {
    const store = await clean();
    await arrive(store);
    await change(store);
    expect(await store.query('background', identifiers)).toEqual([{ value: normal.value }]);
  });

  const asIs = ({ value }: { readonly value: string }): string => value;
  const low = ({ value }: { readonly value: string }): string => value.toLowerCase();

  test.each([
    ['has her by a key of now', low, [normal.value], 'done'],
    ['has her by a key of before', asIs, [typed.value, normal.value], 'done'],
    // Which key that was nobody knows any more.
    ['was told of her by it', undefined, [], 'by_hand'],
  ])('and a destination that %s is reached', async (_, key, keys, state) => {
    const store = await clean();
    const vendor = scriptedDestination({ erase: true, ...(key && { key }) });
    const audiences = key === undefined ? [] : settings.audiences;
    const hub = await startHub(store, { instances: [[{ ...settings, audiences }, vendor]] });
    await arrive(store);
    await hub.settle();
    if (key === undefined) {
      const hash = testKeys.identifierHash(typed.namespace, typed.value);
      await store.query('background', insertDisclosure, [hash, isoTime(start)]);
    }
    const line = await change(store);
    await hub.settle();

    line.time.now += 10_000;
    await hub.clock.advance(10_000);
    const privacy = privacyOver(store, line, { delivery: hub.delivery });
    await line.accept('web', [{ type: 'delete', messageId: 'erase', identifiers: [normal] }]);
    await line.resolve();
    for (let round = 0; round < 3; round += 1) {
      await hub.settle();
      for (let step = 0; step < 3; step += 1) await privacy.step();
    }
    expect(await store.query('background', tasks)).toEqual([{ state }]);
    const erasures = vendor.calls.filter(({ feature }) => feature === 'erase');
    expect(erasures.flatMap((call) => call.keys)).toEqual(keys);
    const [request] = await privacy.list({ limit: 1 });
    const isConfirmed = await privacy.confirm(request?.id ?? '', 'mail', 'officer');
    expect(isConfirmed).toBe(state === 'by_hand');
    while (await privacy.step());
    expect(await store.query('background', traces)).toEqual([{ place: 'done' }]);
  });

  test.each([
    ['and an erasure that a rebuild itself resolves reaches her there', false],
    ['also where the rebuild ends early and begins anew', true],
  ])('%s', async (_, endsEarly) => {
    const store = await clean();
    const vendor = scriptedDestination({ erase: true, key: asIs });
    const hub = await startHub(store, { instances: [[settings, vendor]] });
    const before = await arrive(store);
    await hub.settle();
    before.time.now += 1_000;
    await before.accept('web', [{ type: 'delete', messageId: 'erase', identifiers: [normal] }]);

    const line = await createLine(store, { now: start + 2_000, audiences: [buyers] });
    const privacy = privacyOver(store, line, { delivery: hub.delivery });
    const resolved = async (): Promise<void> => {
      for (let step = 0; step < 3; step += 1) await privacy.step();
    };
    const watched = beforeStatement(store, 'resolve.drop_unnamed', resolved);
    const first = beforeStatement(watched, 'resolve.drop_stray_members', () =>
      endsEarly ? Promise.reject(new Error('died')) : Promise.resolve(),
    );
    const end = await rebuild({ store: first, room: line.room }).then(String, String);
    expect(end).toBe(endsEarly ? 'Error: died' : 'undefined');
    if (endsEarly) await rebuild({ store, room: line.room });

    for (let round = 0; round < 3; round += 1) {
      await hub.settle();
      await resolved();
    }
    expect(await store.query('background', tasks)).toEqual([{ state: 'done' }]);
    const erasures = vendor.calls.filter(({ feature }) => feature === 'erase');
    expect(erasures.flatMap((call) => call.keys)).toEqual([typed.value]);
    while (await privacy.step());
    expect(await store.query('background', traces)).toEqual([{ place: 'done' }]);
  });
});

/** The store, where something happens before each statement of that name. */
function beforeStatement(store: Store, name: string, happen: () => Promise<void>): Store {
  return {
    ...store,
    async query(lane, statement, parameters) {
      if (statement.name === name) await happen();
      return store.query(lane, statement, parameters);
    },
  };
}
