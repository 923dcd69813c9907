// Nobody is reached without a live grant, at the moment of sending.
import { beforeEach, expect, test } from 'vitest';
import {
  destinationSettings,
  purpose,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import { hashOf } from '../../../test/support/people.ts';
import {
  scriptedDestination,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';

eachStore('the gate', (open) => {
  const clean = withCleanStore(open);
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;

  beforeEach(async () => {
    vendor = scriptedDestination();
    hub = await startHub(await clean(), { instances: [[destinationSettings('mail'), vendor]] });
    await hub.people.person('ada', ['ada@example.com', 'work@example.com']);
    await hub.people.consent('u:ada', 'granted', start - 1_000);
    await hub.people.member('buyers', 'ada', start);
  });
  const planAll = async (): Promise<void> => {
    while (await hub.delivery.planOnce('mail'));
  };
  const keys = (): string[] => [...(vendor.lists.get('L')?.keys() ?? [])].sort();

  test('a stop that came after planning keeps everything of hers in, and leaves nothing behind', async () => {
    await planAll();
    await hub.people.stop('u:ada', start);
    await hub.settle();
    expect(vendor.calls).toEqual([]);
    const rows = await hub.people.run('SELECT presence, wanted, reason FROM ledger');
    expect(rows).toEqual([
      { presence: 'absent', wanted: false, reason: 'consent: stopped' },
      { presence: 'absent', wanted: false, reason: 'consent: stopped' },
    ]);
    const [status] = await hub.delivery.status();
    expect(status?.books).toMatchObject([{ planned: 2, filtered: 2, pending: 0, inDoubt: 0 }]);
  });

  test('a stop takes out who is there before it is resolved', async () => {
    await hub.settle();
    await hub.people.traits('ada', { name: 'Ada' }); // something is to be sent
    await planAll();
    await hub.people.stop('u:ada', start);
    await hub.settle();
    expect(keys()).toEqual([]);
  });

  test('a stop on one address does not take the other one out', async () => {
    await hub.settle();
    await hub.people.stop('work@example.com', start);
    await hub.people.touch(['ada']);
    await hub.settle();
    expect(keys()).toEqual(['ada@example.com']);
    await hub.people.resolveStops(start);
    await hub.clock.advance(2_000);
    await hub.settle();
    expect(keys()).toEqual(['ada@example.com']);
    expect(vendor.calls.map(({ feature, keys }) => [feature, keys.length])).toEqual([
      ['add', 2],
      ['remove', 1],
    ]);
  });

  test('a grant that was denied and given again brings her back', async () => {
    await hub.settle();
    await hub.people.consent('u:ada', 'denied', start);
    await hub.settle();
    expect(keys()).toEqual([]);
    await hub.people.consent('u:ada', 'granted', start + 1);
    await hub.clock.advance(10);
    await hub.settle();
    expect(keys()).toEqual(['ada@example.com', 'work@example.com']);
  });

  test('a withdrawal in the midst of the call is acknowledged only after it has settled, then taken out', async () => {
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    vendor.before = () => {
      reached.resolve();
      return goOn.promise;
    };
    await planAll();
    const sending = hub.delivery.sendOnce('mail');
    await reached.promise;
    await hub.people.stop('u:ada', start);
    let acknowledged = false;
    const stops = [{ identifierHash: hashOf('u:ada'), purpose, channel: '*' }];
    const announced = hub.latch.announce(stops).then(() => (acknowledged = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(acknowledged).toBe(false);
    goOn.resolve();
    await Promise.all([sending, announced]);
    vendor.before = undefined;
    await hub.people.resolveStops(start);
    await hub.settle();
    expect(keys()).toEqual([]);
  });

  test('when consent cannot be read nothing is sent', async () => {
    await planAll();
    await hub.people.run('ALTER TABLE consent_entry RENAME TO consent_gone');
    await hub.delivery.sendOnce('mail');
    await hub.people.run('ALTER TABLE consent_gone RENAME TO consent_entry');
    expect(vendor.calls).toEqual([]);
    await hub.clock.advance(60_000);
    await hub.settle();
    expect(keys()).toEqual(['ada@example.com', 'work@example.com']);
  });

  test('who was merged and is not planned anew yet is not taken out for it', async () => {
    await hub.settle();
    await hub.people.traits('ada', { name: 'Ada L.' });
    await planAll();
    await hub.people.person('bea');
    await hub.people.merge('bea', 'ada');
    for (let sends = 0; sends < 5; sends += 1) await hub.delivery.sendOnce('mail');
    expect(vendor.calls.map(({ feature }) => feature)).toEqual(['add']);
    await hub.people.traits('bea', { name: 'Ada B.' });
    await hub.settle();
    await hub.clock.advance(10_000);
    await hub.settle();
    expect(vendor.calls.map(({ feature }) => feature)).toEqual(['add', 'add']);
    expect(vendor.lists.get('L')?.get('ada@example.com')).toEqual({ NAME: 'Ada B.' });
  });

  test('a batch never takes those along who said no', async () => {
    await hub.people.person('bea', ['bea@example.com']);
    await hub.people.consent('u:bea', 'granted', start - 1_000);
    await hub.people.member('buyers', 'bea', start);
    await planAll();
    await hub.people.stop('u:bea', start);
    await hub.settle();
    expect(vendor.calls.flatMap((call) => call.keys).sort()).toEqual([
      'ada@example.com',
      'work@example.com',
    ]);
  });
});
