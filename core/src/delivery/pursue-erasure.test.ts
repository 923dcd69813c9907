// How an erasure stands at a destination that runs.
import { expect, test } from 'vitest';
import { privacyOver } from '../../../test/property/purge.ts';
import {
  destinationSettings,
  purpose,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import { createLine, type Line } from '../../../test/support/line.ts';
import { hashOf } from '../../../test/support/people.ts';
import {
  scriptedDestination,
  type Fault,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import type { AudienceSettings } from '../audience/rule.ts';
import type { Privacy, PrivacyRules } from '../privacy/privacy.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import type { Delivery } from './create-delivery.ts';
import { hashKey } from './plan/vendor-keys.ts';

const selectStates = dynamicStatement('test.states', 'SELECT state FROM privacy_request');

eachStore('an erasure at a destination', (open) => {
  const clean = withCleanStore(open);

  test('does not wait where the same was asked for before', async () => {
    const store = await clean();
    const hub = await startHub(store, {
      instances: [[destinationSettings('mail'), scriptedDestination()]],
    });
    const line = await createLine(store, { now: start });
    const privacy = privacyOver(store, line, { delivery: hub.delivery });
    const ask = async (messageId: string): Promise<void> => {
      const identifiers = [{ namespace: 'email', value: 'ada@shop.example' }];
      const timestamp = start - 1_000;
      await line.accept('web', [{ type: 'delete', messageId, identifiers, timestamp }]);
      await line.resolve();
      await hub.settle();
      while (await privacy.step());
    };
    await ask('first');
    await ask('second');
    expect(await store.query('background', selectStates)).toEqual([
      { state: 'done' },
      { state: 'done' },
    ]);
  });

  test('ends where the plugin finds nothing there to erase', async () => {
    const store = await clean();
    const vendor = scriptedDestination({ erase: true });
    const hub = await startHub(store, { instances: [[destinationSettings('mail'), vendor]] });
    await hub.people.person('ada', ['ada@example.com']);
    await hub.people.consent('u:ada', 'granted', start - 1_000);
    await hub.people.member('buyers', 'ada', start - 1_000);
    await hub.settle();
    vendor.script = () => ({ effect: false, answer: 'filtered' });
    await hub.people.erase('ada', ['ada@example.com'], start);
    await hub.settle();
    const identifier = { namespace: 'email', value: 'ada@example.com' };
    const subjects = [{ hash: hashOf('ada@example.com'), identifier }];
    const standing = await hub.delivery.pursueErasure('mail', { subjects });
    expect(standing).toMatchObject({ state: 'done', outcome: 'delivered' });
    expect(vendor.calls.map(({ feature }) => feature)).toEqual(['add', 'erase']);
  });

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
  const address = 'ada@shop.example';
  const identifiers = [{ namespace: 'email', value: address }];
  const consentOf = (messageId: string, status: 'granted' | 'withdrawn'): object => ({
    type: 'consent',
    messageId,
    identifiers,
    timestamp: start - 3_000,
    consents: [{ purpose, status }],
  });
  const order = {
    type: 'track',
    event: 'Order',
    messageId: 'order',
    identifiers,
    timestamp: start - 2_000,
  };

  async function startWith(vendor: ScriptedDestination): Promise<World> {
    const store = await clean();
    const settings = destinationSettings('mail', {
      audiences: [{ audience: 'buyers', list: 'L', traits: new Map([['MAIL', 'email']]) }],
    });
    const hub = await startHub(store, { instances: [[settings, vendor]] });
    const line = await createLine(store, { now: start, audiences: [buyers] });
    return { store, hub, line };
  }

  async function erase(
    { store, line }: World,
    delivery: PrivacyRules['delivery'],
  ): Promise<Privacy> {
    const privacy = privacyOver(store, line, { delivery });
    const timestamp = start - 1_000;
    await line.accept('web', [{ type: 'delete', messageId: 'erase', identifiers, timestamp }]);
    await line.resolve();
    return privacy;
  }

  async function confirm({ store }: World, privacy: Privacy): Promise<void> {
    const [request] = await store.query<{ id: string }>('background', selectIds);
    expect(await privacy.confirm(request?.id ?? '', 'mail', 'officer')).toBe(true);
    while (await privacy.step());
    expect(await store.query('background', selectStates)).toEqual([{ state: 'done' }]);
  }

  const tracesOf = (store: Store): Promise<object[]> =>
    store.query('background', selectTraces, [address, hashKey(address)]);

  test('that was refused and is confirmed by hand leaves nothing of her', async () => {
    const vendor = scriptedDestination({ erase: true });
    const world = await startWith(vendor);
    const { store, hub, line } = world;
    await line.accept('web', [consentOf('grant', 'granted'), order]);
    await line.resolve();
    await hub.settle();
    expect([...(vendor.lists.get('L')?.keys() ?? [])]).toEqual([address]);

    vendor.script = ({ feature }) => (feature === 'erase' ? refusal : undefined);
    const privacy = await erase(world, hub.delivery);
    await hub.settle();
    for (let step = 0; step < 3; step += 1) {
      await hub.settle();
      while (await privacy.step());
    }
    // The vendor says it once more, after its words were taken away.
    expect(await hub.delivery.replay('mail', {}, 'officer')).toBe(1);
    await hub.settle();
    expect(await tracesOf(store)).not.toEqual([]);
    await confirm(world, privacy);
    expect(await tracesOf(store)).toEqual([]);
    for (const book of (await hub.delivery.status())[0]?.books ?? []) {
      const { planned, delivered, filtered, rejected, superseded, inDoubt, pending } = book;
      expect(delivered + filtered + rejected + superseded + inDoubt + pending).toBe(planned);
    }
  });

  test.each(['that only adds', 'that is gone'])('%s leaves nothing of her', async (which) => {
    const world = await startWith(scriptedDestination({ append: true }));
    const { store, hub, line } = world;
    await line.accept('web', [consentOf('grant', 'granted'), order]);
    await line.resolve();
    await hub.settle();
    const isGone = which === 'that is gone';
    const privacy = await erase(world, isGone ? createNowhere(hub) : hub.delivery);
    if (!isGone) await hub.settle();
    while (await privacy.step());
    expect(await tracesOf(store)).not.toEqual([]);
    await confirm(world, privacy);
    expect(await tracesOf(store)).toEqual([]);
  });

  test.each(['by_hand', 'pending'] as const)(
    'is of her life before: she comes back while another one is %s',
    async (state) => {
      const vendor = scriptedDestination({ erase: true });
      const world = await startWith(vendor);
      const { store, hub, line } = world;
      await line.accept('web', [consentOf('grant', 'granted'), order]);
      await line.resolve();
      await hub.settle();
      const other = { state: state as 'by_hand' | 'pending' | 'done' };
      const delivery: PrivacyRules['delivery'] = {
        instances: new Map([...hub.delivery.instances, ['other', {} as never]]),
        pursueErasure: (id, question) =>
          id === 'other'
            ? Promise.resolve({ state: other.state })
            : hub.delivery.pursueErasure(id, question),
      };
      line.time.now = hub.clock.now() + 1_000;
      await hub.clock.advance(2_000);
      const askedAt = line.time.now;
      const privacy = await erase(world, delivery);
      const carryOn = async (): Promise<void> => {
        for (let round = 0; round < 3; round += 1) {
          await hub.settle();
          for (let step = 0; step < 3; step += 1) await privacy.step();
        }
      };
      await carryOn();
      expect(await store.query('background', selectTasks)).toMatchObject([
        { instance: 'mail', state: 'done' },
        { instance: 'other', state },
      ]);

      // She signs up again, and buys.
      line.time.now += 60_000;
      await hub.clock.advance(60_000);
      const timestamp = line.time.now;
      const granted = { ...consentOf('again', 'granted'), trust: 'authenticated', timestamp };
      await line.accept('web', [granted, { ...order, messageId: 'another', timestamp }]);
      await line.resolve();
      await carryOn();
      expect(vendor.calls.map(({ feature }) => feature)).toEqual(['add', 'erase', 'add']);
      expect([...(vendor.lists.get('L')?.keys() ?? [])]).toEqual([address]);
      expect(await store.query('background', selectTasks)).toMatchObject([
        { instance: 'mail', state: 'done' },
        { instance: 'other', state },
      ]);

      other.state = 'done';
      await carryOn();
      expect(await store.query('background', selectStates)).toEqual([{ state: 'done' }]);
      // What she is shown now is hers to be told, and to be erased, another time.
      expect(await store.query('background', selectDisclosed)).toEqual([{ firstAt: askedAt }]);
      line.time.now += 60_000;
      await hub.clock.advance(60_000);
      await line.accept('web', [{ type: 'delete', messageId: 'second', identifiers }]);
      await line.resolve();
      await carryOn();
      expect(vendor.calls.map(({ feature }) => feature)).toEqual(['add', 'erase', 'add', 'erase']);
      expect(await store.query('background', selectDisclosed)).toEqual([]);
    },
  );

  test('that never showed her anything forgets that she said no', async () => {
    const world = await startWith(scriptedDestination());
    const { store, hub, line } = world;
    await line.accept('web', [consentOf('no', 'withdrawn')]);
    await line.resolve();
    await hub.settle();
    expect(await tracesOf(store)).toEqual([{ place: 'key_holder' }]);
    await erase(world, hub.delivery);
    await hub.settle();
    expect(await tracesOf(store)).toEqual([]);
  });
});

interface World {
  readonly store: Store;
  readonly hub: DeliveryHub;
  readonly line: Line;
}

/** Config does not name the destination any more. */
function createNowhere({ delivery }: DeliveryHub): Delivery {
  return { ...delivery, instances: new Map() };
}

const refusal: Fault = {
  effect: false,
  answer: { each: (key) => ({ kind: 'rejected', reason: `not ${key}` }) },
};
const selectTasks = dynamicStatement(
  'test.tasks',
  'SELECT instance, state FROM privacy_task ORDER BY instance',
);
const selectDisclosed = dynamicStatement(
  'test.disclosed',
  'SELECT first_at AS "firstAt" FROM disclosure',
);
const selectIds = dynamicStatement('test.ids', 'SELECT id FROM privacy_request');
/** $1: her address, $2: its hash that anybody can make. */
const selectTraces = dynamicStatement(
  'test.traces',
  `SELECT 'ledger' AS place FROM ledger l WHERE strpos(l::text, $1) > 0 OR key_hash = $2::uuid
   UNION ALL SELECT 'key_holder' FROM key_holder WHERE key_hash = $2::uuid
   UNION ALL SELECT 'dead_letter' FROM dead_letter d
     WHERE strpos(d::text, $1) > 0 OR key_hash = $2::uuid`,
);
