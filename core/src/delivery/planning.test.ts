// What planning knows of the moment: it may wait for its turn at the store while the world goes on.
import { expect, test } from 'vitest';
import {
  destinationSettings,
  keysOnList,
  purpose,
  start,
  startHub,
} from '../../../test/support/delivery-hub.ts';
import { createHeldLane } from '../../../test/support/held-lane.ts';
import { scriptedDestination } from '../../../test/support/scripted-destination.ts';
import { testSettings } from '../../../test/support/settings.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import type { ConsentSettings } from '../consent/settings.ts';

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

  test('reaches those for whom a region’s default has changed, and lets go of them again', async () => {
    const { consent } = testSettings();
    const inRegion = (region: string, regionTrait = consent.regionTrait): ConsentSettings => {
      const rule = { decision: 'granted', lawfulBasis: 'legitimate_interests' } as const;
      const changed = { name: purpose, title: purpose, regions: new Map([[region, rule]]) };
      return { ...consent, regionTrait, purposes: new Map([[purpose, changed]]) };
    };
    const vendor = scriptedDestination();
    const instances = [[destinationSettings('mail'), vendor]] as const;
    let hub = await startHub(await clean(), { instances });
    await hub.people.person('ada', ['ada@example.com'], { country: 'US', home: 'NO' });
    await hub.people.member('buyers', 'ada', start - 1_000);
    await hub.settle();
    expect(keysOnList(vendor, 'L')).toEqual([]);
    const rules: [ConsentSettings, string[]][] = [
      [inRegion('US'), ['ada@example.com']],
      [inRegion('NO'), []],
      [inRegion('NO', 'home'), ['ada@example.com']],
      [consent, []],
    ];
    for (const [rule, keys] of rules) {
      hub = await hub.restart({ consent: rule });
      await hub.settle();
      expect(keysOnList(vendor, 'L')).toEqual(keys);
    }
  });
});
