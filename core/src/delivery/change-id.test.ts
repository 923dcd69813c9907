// A destination may dedupe by the id of a change: it is the same for every attempt and another for every
// other change, or a real change would be dropped as a repetition.
import { beforeEach, expect, test } from 'vitest';
import {
  destinationSettings,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import {
  scriptedDestination,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';

eachStore('the id of a change', (open) => {
  const clean = withCleanStore(open);
  const onList = (list: string, audience: string) => ({
    audience,
    list,
    traits: new Map([['NAME', 'name']]),
  });
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;

  beforeEach(async () => {
    vendor = scriptedDestination({ erase: true });
    const settings = destinationSettings('mail', {
      audiences: [onList('L', 'buyers'), onList('M', 'fans')],
      profiles: { audience: undefined, traits: new Map([['NAME', 'name']]) },
    });
    hub = await startHub(await clean(), { instances: [[settings, vendor]] });
    await hub.people.person('ada', ['ada@example.com'], { name: 'Ada' });
    await hub.people.consent('u:ada', 'granted', start - 1_000);
  });
  const idsOf = (...features: string[]): string[] =>
    vendor.calls
      .filter(({ feature }) => features.includes(feature))
      .flatMap(({ changeIds }) => changeIds ?? []);

  test('differs between lists, between entering, leaving and entering again', async () => {
    for (const audience of ['buyers', 'fans']) await hub.people.member(audience, 'ada', start);
    await hub.settle();
    await hub.people.leave('buyers', 'ada');
    await hub.settle();
    await hub.people.member('buyers', 'ada', start);
    await hub.settle();
    expect(vendor.calls.map(({ feature, list }) => `${feature} ${list}`)).toEqual(
      expect.arrayContaining(['upsert ', 'add L', 'add M', 'remove L', 'add L']),
    );
    const ids = idsOf('upsert', 'add', 'remove');
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[\w-]{1,64}$/);
  });

  test('differs between two contents of one profile', async () => {
    await hub.settle();
    await hub.people.traits('ada', { name: 'Ada L.' });
    await hub.settle();
    expect(new Set(idsOf('upsert')).size).toBe(2);
  });

  test('is the same for every attempt, also over a crash between two', async () => {
    await hub.people.member('buyers', 'ada', start);
    vendor.script = () => ({ effect: true, answer: { throws: 'unknown' } });
    await hub.settle();
    await hub.clock.advance(60_000);
    await hub.settle();
    vendor.script = () => ({ effect: true, answer: 'never' });
    await hub.clock.advance(60_000);
    const under = vendor.calls.length;
    void hub.delivery.sendOnce('mail').catch(() => undefined);
    await expect.poll(() => vendor.calls.length, { timeout: 20_000 }).toBe(under + 1);
    vendor.script = () => undefined;
    hub = await hub.restart();
    await hub.settle();
    for (const feature of ['add', 'upsert']) {
      expect(idsOf(feature).length).toBeGreaterThan(1);
      expect(new Set(idsOf(feature)).size).toBe(1);
    }
  });

  test('is another where what is wanted has changed over a crash', async () => {
    vendor.script = () => ({ effect: true, answer: 'never' });
    while (await hub.delivery.planOnce('mail'));
    void hub.delivery.sendOnce('mail').catch(() => undefined);
    await expect.poll(() => vendor.calls.length, { timeout: 20_000 }).toBe(1);
    await hub.people.traits('ada', { name: 'Ada L.' });
    while (await hub.delivery.planOnce('mail'));
    vendor.script = () => undefined;
    hub = await hub.restart();
    await hub.settle();
    expect(vendor.profiles.get('ada@example.com')).toEqual({ NAME: 'Ada L.' });
    expect(new Set(idsOf('upsert')).size).toBe(2);
  });

  test('is another for an erasure than for a removal', async () => {
    await hub.people.member('buyers', 'ada', start);
    await hub.settle();
    vendor.script = () => ({ effect: false, answer: { throws: 'transient' } });
    await hub.people.leave('buyers', 'ada');
    await hub.settle();
    vendor.script = () => undefined;
    await hub.people.erase('ada', ['ada@example.com'], hub.clock.now());
    await hub.clock.advance(60_000);
    await hub.settle();
    const [removed, erased] = [idsOf('remove'), idsOf('erase')];
    expect(removed).toHaveLength(1);
    expect(erased.length).toBeGreaterThan(0);
    expect(erased).not.toContain(removed[0]);
  });
});
