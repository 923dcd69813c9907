// What planning knows of the moment: it may wait for its turn at the store while the world goes on.
import { expect, test } from 'vitest';
import { destinationSettings, start, startHub } from '../../../test/support/delivery-hub.ts';
import { createHeldLane } from '../../../test/support/held-lane.ts';
import { scriptedDestination } from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';

eachStore('planning', (open) => {
  const clean = withCleanStore(open);

  test('who consents and enters while it waits is not taken for somebody without consent', async () => {
    const vendor = scriptedDestination();
    const lane = createHeldLane(await clean(), 'background');
    const parameters = { template: 't1' };
    const rule = { action: 'mail', audience: 'buyers', parameters, traits: new Map() };
    const settings = destinationSettings('mail', { actions: [{ ...rule, coolDownMs: 1_000 }] });
    const hub = await startHub(lane.store, { instances: [[settings, vendor]] });
    await hub.settle();

    await hub.clock.advance(1_000);
    await lane.hold();
    const planning = hub.delivery.planOnce('mail');
    await hub.clock.advance(1_000);
    await hub.people.person('ada', ['ada@example.com']);
    await hub.people.consent('u:ada', 'granted', start + 1_500);
    await hub.people.member('buyers', 'ada', start + 1_500);
    lane.release();
    await planning;
    await hub.settle();
    expect([...(vendor.lists.get('L')?.keys() ?? [])]).toEqual(['ada@example.com']);
    expect(vendor.mails.map(({ key }) => key)).toEqual(['ada@example.com']);
  });
});
