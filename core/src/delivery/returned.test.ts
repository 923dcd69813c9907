// Who was erased may come back by herself: what she does then is hers, and what was owed before stays owed.
import { beforeEach, expect, test } from 'vitest';
import { hashOf } from '../../../test/support/people.ts';
import {
  destinationSettings,
  joinBuyers,
  keysOnList,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import {
  scriptedDestination,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';

eachStore('a person who comes back', (open) => {
  const clean = withCleanStore(open);
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;

  beforeEach(async () => {
    vendor = scriptedDestination({ erase: true });
    hub = await startHub(await clean(), { instances: [[destinationSettings('mail'), vendor]] });
  });

  test('who was erased and came back is taken out as anybody else when she leaves', async () => {
    await joinBuyers(hub, 'ada', ['ada@example.com']);
    await hub.settle();
    await hub.people.erase('ada', ['ada@example.com'], hub.clock.now());
    await hub.settle();
    await hub.clock.advance(60_000);
    await joinBuyers(hub, 'ada', ['ada@example.com']);
    await hub.settle();
    await hub.people.leave('buyers', 'ada');
    await hub.settle();
    expect(vendor.calls.map((call) => call.feature)).toEqual(['add', 'erase', 'add', 'remove']);
    expect(await hub.people.run('SELECT presence, cause FROM ledger')).toEqual([
      { presence: 'absent', cause: 'membership' },
    ]);
  });

  test('an erasure that is owed is carried out though she is known again', async () => {
    await joinBuyers(hub, 'ada', ['ada@example.com']);
    await hub.settle();
    vendor.script = () => ({ effect: false, answer: 'retry' });
    await hub.people.erase('ada', ['ada@example.com'], hub.clock.now());
    await hub.settle();
    vendor.script = () => undefined;
    // Whom a no is known of is remembered behind her key at once.
    await hub.people.person('ada', ['ada@example.com']);
    await hub.people.consent('ada@example.com', 'denied', hub.clock.now());
    await hub.settle();
    await hub.people.touch(['ada']);
    await hub.clock.advance(3_600_000);
    await hub.settle();
    expect(vendor.calls.map((call) => call.feature)).toEqual(['add', 'erase', 'erase']);
    expect(keysOnList(vendor, 'L')).toEqual([]);
  });

  test('an erasure that the vendor put off is not done because she came back meanwhile', async () => {
    await joinBuyers(hub, 'ada', ['ada@example.com']);
    await hub.settle();
    vendor.script = () => ({ effect: false, answer: 'retry' });
    await hub.people.erase('ada', ['ada@example.com'], hub.clock.now());
    await hub.settle();
    await hub.clock.advance(1_000);
    const upTo = hub.clock.now();
    vendor.script = () => undefined;
    await joinBuyers(hub, 'ada', ['ada@example.com']);
    await hub.settle();
    const identifier = { namespace: 'email', value: 'ada@example.com' };
    const subjects = [{ hash: hashOf('ada@example.com'), identifier, upTo }];
    const states: string[] = [];
    for (let turn = 0; turn < 4 && states.at(-1) !== 'done'; turn += 1) {
      states.push((await hub.delivery.pursueErasure('mail', { subjects }))?.state ?? 'unknown');
      await hub.settle();
      await hub.clock.advance(3_600_000);
    }
    const erased = vendor.calls.filter(({ feature }) => feature === 'erase');
    expect({ states, erased: erased.length }).toEqual({ states: ['pending', 'done'], erased: 2 });
  });
});
