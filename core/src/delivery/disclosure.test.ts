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
import type { ErasureStanding } from './pursue-erasure.ts';
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

  const begin = async (settings: Change): Promise<void> => {
    vendor = scriptedDestination({ erase: true });
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
  const erase = async (): Promise<ErasureStanding> => {
    await hub.people.erase('ada', [address], hub.clock.now());
    await hub.settle();
    const [erasure] = await hub.people.run<{ number: number }>('SELECT number FROM erasure');
    const subjects = [
      { hash: hashOf(address), identifier: { namespace: 'email', value: address } },
    ];
    const question = { number: erasure?.number ?? -1, subjects };
    for (let steps = 0; steps < 10; steps += 1) {
      const standing = await hub.delivery.pursueErasure('mail', question);
      if (standing.state !== 'pending') return standing;
      await hub.clock.advance(60_000);
      await hub.settle();
    }
    throw new Error('the erasure does not come to an end');
  };

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
