// Whom a destination may have been shown is known before the call leaves: an erasure reaches her even where
// the process died before it heard the answer.
import { describe, expect, test } from 'vitest';
import {
  destinationSettings,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import { eventOf } from '../../../test/support/events.ts';
import { hashOf } from '../../../test/support/people.ts';
import {
  scriptedDestination,
  type Call,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import type { ErasedSubject, ErasureStanding } from './pursue-erasure.ts';
import type { DestinationInstanceSettings } from './settings.ts';

const rule = {
  action: 'mail',
  audience: 'buyers',
  parameters: {},
  traits: new Map([['NAME', 'name']]),
  coolDownMs: 86_400_000,
};
const nothing = { audiences: [], actions: [], events: undefined };
const address = 'ada@example.com';

type Change = Partial<DestinationInstanceSettings>;
interface Case {
  readonly feature: Call['feature'];
  readonly scope: string;
  readonly settings: Change;
}
const cases: readonly Case[] = [
  { feature: 'run', scope: 'action:mail', settings: { ...nothing, actions: [rule] } },
  {
    feature: 'forward',
    scope: 'event:track',
    settings: { ...nothing, events: { types: ['track'], names: undefined } },
  },
  { feature: 'add', scope: 'audience:L', settings: {} },
];

eachStore('disclosures', (open) => {
  const clean = withCleanStore(open);
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;

  const begin = async (settings: Change, identifiers = ['email']): Promise<void> => {
    vendor = scriptedDestination({ erase: true, identifiers });
    const instance = destinationSettings('mail', settings);
    hub = await startHub(await clean(), { instances: [[instance, vendor]] });
    await hub.people.person('zoe', ['zoe@example.com']);
    await hub.settle();
    await hub.clock.advance(1_000);
    await hub.people.person('ada', [address], { name: 'ada' });
    await hub.people.consent('u:ada', 'granted', start - 1_000);
    await hub.people.member('buyers', 'ada', hub.clock.now());
    hub.events.push(eventOf('ada', 1));
    while (await hub.delivery.planOnce('mail'));
  };
  /** Of the e-mail address. */
  const shown = () =>
    hub.people.run(
      `SELECT d.scope, d.fields @> '{email}' AS address, b.purpose, b.basis
       FROM disclosure d JOIN disclosure_basis b USING (instance, scope, identifier_hash)
       WHERE d.identifier_hash = $1`,
      [hashOf(address)],
    );
  const byAddress = { hash: hashOf(address), identifier: { namespace: 'email', value: address } };
  const byUserId = { hash: hashOf('u:ada'), identifier: { namespace: 'user_id', value: 'u:ada' } };
  const erase = async (
    subjects: readonly ErasedSubject[] = [byAddress],
  ): Promise<ErasureStanding> => {
    await hub.people.erase('ada', subjects.includes(byAddress) ? [address] : [], hub.clock.now());
    await hub.settle();
    for (let steps = 0; steps < 10; steps += 1) {
      const standing = await hub.delivery.pursueErasure('mail', { subjects });
      if (standing.state !== 'pending') return standing;
      await hub.clock.advance(60_000);
      await hub.settle();
    }
    throw new Error('the erasure does not come to an end');
  };

  describe('of a forwarded event', () => {
    const forwarding: Change = { ...nothing, events: { types: ['track'], names: undefined } };
    const erasedBy = (): string[] =>
      vendor.calls.filter(({ feature }) => feature === 'erase').flatMap(({ keys }) => keys);

    test.each([
      [
        'its user id, which the vendor can address',
        ['email', 'user_id'],
        [byUserId],
        'done',
        ['u:ada'],
      ],
      ['its user id, which the vendor cannot address', ['email'], [byUserId], 'by_hand', []],
      [
        'both, of which the vendor can address one',
        ['email'],
        [byUserId, byAddress],
        'done',
        [address],
      ],
    ] as const)('reach an erasure by %s', async (_by, identifiers, subjects, state, keys) => {
      await begin(forwarding, [...identifiers]);
      while (await hub.delivery.sendOnce('mail'));
      expect(vendor.events.map(({ key }) => key)).toEqual([address]);
      expect(await erase(subjects)).toMatchObject({ state });
      expect(erasedBy()).toEqual(keys);
    });

    test('count a person once, whatever she is named by', async () => {
      await begin(forwarding);
      while (await hub.delivery.sendOnce('mail'));
      expect(await hub.people.run('SELECT DISTINCT people FROM processing')).toEqual([
        { people: 1 },
      ]);
      expect(await hub.people.run('SELECT count(*) AS count FROM disclosure')).toEqual([
        { count: 2 },
      ]);
    });
  });

  test('are counted by what each person is known by, in whatever order events named it', async () => {
    const forwarding: Change = { ...nothing, events: { types: ['track'], names: undefined } };
    await begin(forwarding, ['email', 'user_id']);
    await hub.people.consent('u:zoe', 'granted', start - 1_000);
    await hub.settle();
    const byUser = (person: string, number: number) =>
      eventOf(person, number, { identifiers: eventOf(person, 0).record.identifiers.slice(0, 1) });
    for (const event of [byUser('ada', 2), byUser('zoe', 3), eventOf('zoe', 4)]) {
      hub.events.push(event);
      await hub.settle();
    }
    expect(vendor.events.map(({ key }) => key)).toEqual([
      address,
      'u:ada',
      'u:zoe',
      'zoe@example.com',
    ]);
    const counted = `SELECT people FROM processing WHERE field = 'user_id'`;
    expect(await hub.people.run(counted)).toEqual([{ people: 4 }]);
  });

  describe.each(cases)('$scope', ({ feature, scope, settings }) => {
    test('are kept, with what allowed them, where the process dies during the call', async () => {
      await begin(settings);
      const { promise: called, resolve } = Promise.withResolvers<void>();
      vendor.script = () => {
        resolve();
        return { effect: true, answer: 'never' };
      };
      void hub.delivery.sendOnce('mail').catch(() => undefined);
      await called;
      vendor.script = () => undefined;
      hub = await hub.restart();
      expect(await shown()).toEqual([
        { scope, address: true, purpose: 'email_marketing', basis: 'consent' },
      ]);
      expect(await erase()).toMatchObject({ state: 'done', outcome: 'delivered' });
      expect(vendor.calls.map((call) => call.feature)).toContain('erase');
    });

    test('are none where the gate lets nobody through', async () => {
      await begin(settings);
      await hub.people.consent('u:ada', 'denied', hub.clock.now());
      await hub.delivery.sendOnce('mail');
      expect(vendor.calls.filter((call) => call.feature === feature)).toEqual([]);
      expect(await shown()).toEqual([]);
      expect(await erase()).toMatchObject({ state: 'not_held' });
    });

    test('are none in a dry run', async () => {
      await begin({ ...settings, dryRun: true });
      await hub.settle();
      expect(await shown()).toEqual([]);
    });
  });
});
