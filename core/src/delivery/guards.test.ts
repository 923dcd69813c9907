// Guards: an empty source does not empty a destination; who said no is taken out all the same.
import { beforeEach, describe, expect, test } from 'vitest';
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
import type { Store } from '../store/store.ts';
import { judgeList } from './guards.ts';

const guards = { ...destinationSettings('x').guards, floor: 5 };
const names = Array.from({ length: 20 }, (_, index) => `p${index}`);

eachStore('guards', (open) => {
  const clean = withCleanStore(open);
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;
  let store: Store;

  beforeEach(async () => {
    vendor = scriptedDestination({ batchRecords: 3 });
    const settings = destinationSettings('mail', { guards });
    store = await clean();
    hub = await startHub(store, { instances: [[settings, vendor]] });
    for (const name of names) {
      await hub.people.person(name, [`${name}@example.com`]);
      await hub.people.consent(`u:${name}`, 'granted', start - 1_000);
      await hub.people.member('buyers', name, start);
    }
    await hub.settle();
    await hub.clock.advance(3_700_000); // the list is established
  });
  const size = (): number => vendor.lists.get('L')?.size ?? 0;
  const state = async (): Promise<unknown> => (await hub.delivery.status())[0];

  test('the first filling of a list is what it is for', () => {
    expect(size()).toBe(20);
  });

  test('when the audience runs empty the sync stops and asks, with numbers', async () => {
    await hub.people.run('DELETE FROM membership');
    await hub.people.touch(names);
    await hub.settle();
    expect(size()).toBe(20);
    expect(await state()).toMatchObject({
      state: 'guarded',
      code: 'MASS_REMOVAL',
      message: expect.stringContaining('20 of 20'),
    });
    await hub.delivery.approveGuard('mail', hub.clock.now() + 60_000, 'operator');
    await hub.settle();
    expect(size()).toBe(0);
  });

  test.each(['u:p3', 'p3@example.com'])(
    'who says no as %s is taken out though her removal was held before',
    async (identifier) => {
      await hub.people.run('DELETE FROM membership');
      await hub.people.touch(names);
      await hub.settle();
      expect(await state()).toMatchObject({ state: 'guarded' });
      await hub.people.consent(identifier, 'denied', hub.clock.now());
      await hub.settle();
      expect(vendor.lists.get('L')?.has('p3@example.com')).toBe(false);
      expect(size()).toBe(19);
    },
  );

  test('who says no is taken off a list that config names no more', async () => {
    const settings = destinationSettings('mail', { guards, audiences: [] });
    const next = await startHub(store, { instances: [[settings, vendor]], clock: hub.clock });
    await next.settle();
    expect((await next.delivery.status())[0]).toMatchObject({ state: 'guarded' });
    await next.people.consent('u:p3', 'denied', hub.clock.now());
    await next.settle();
    expect(vendor.lists.get('L')?.has('p3@example.com')).toBe(false);
    expect(size()).toBe(19);
  });

  test('what was begun for a no is not held up by a yes of somebody who has no place there', async () => {
    vendor.script = () => ({ effect: false, answer: { throws: 'transient' } });
    await hub.people.consent('u:p3', 'denied', hub.clock.now());
    await hub.settle();
    await hub.people.run('DELETE FROM membership');
    await hub.people.consent('u:p3', 'granted', hub.clock.now() + 1);
    await hub.people.touch(names);
    await hub.clock.advance(1);
    while (await hub.delivery.planOnce('mail'));
    vendor.script = () => undefined;
    await hub.clock.advance(60_000);
    await hub.settle();
    expect(await state()).toMatchObject({ state: 'guarded' });
    expect(vendor.lists.get('L')?.has('p3@example.com')).toBe(false);
    expect(size()).toBe(19);
  });

  test('a drain in small portions is noticed too', async () => {
    for (const name of names) {
      await hub.people.leave('buyers', name);
      await hub.settle();
    }
    expect(await state()).toMatchObject({ state: 'guarded' });
    expect(size()).toBe(14);
  });

  test('who said no is taken out even while the guard holds the rest', async () => {
    await hub.people.run('DELETE FROM membership');
    await hub.people.touch(names);
    await hub.settle();
    expect(await state()).toMatchObject({ state: 'guarded' });
    await hub.people.member('buyers', 'p3', start);
    await hub.people.consent('u:p3', 'denied', start);
    await hub.settle();
    expect(vendor.lists.get('L')?.has('p3@example.com')).toBe(false);
    expect(size()).toBe(19);
  });

  test('what is guarded stays so when the vendor refuses the credentials', async () => {
    await hub.people.run('DELETE FROM membership');
    await hub.people.touch(names);
    await hub.settle();
    vendor.script = () => ({ effect: false, answer: { throws: 'auth' } });
    await hub.people.member('buyers', 'p3', start);
    await hub.people.consent('u:p3', 'denied', start);
    await hub.settle();
    expect(await state()).toMatchObject({ state: 'guarded', code: 'MASS_REMOVAL' });
    vendor.script = () => undefined;
    await hub.clock.advance(301_000);
    await hub.settle();
    expect(await state()).toMatchObject({ state: 'guarded', code: 'MASS_REMOVAL' });
    expect(size()).toBe(19);
  });

  test('a guard does not speak over an operator who pauses meanwhile', async () => {
    await hub.people.run('DELETE FROM membership');
    await hub.people.touch(names);
    while (await hub.delivery.planOnce('mail'));
    const sending = hub.delivery.sendOnce('mail');
    await hub.delivery.pause('mail', 'stop everything', 'operator');
    await sending;
    expect(await state()).toMatchObject({ state: 'paused', code: 'PAUSED' });
  });

  test('everybody may say no at once', async () => {
    for (const name of names) await hub.people.consent(`u:${name}`, 'denied', start);
    await hub.settle();
    expect(size()).toBe(0);
    expect(await state()).toMatchObject({ state: 'running' });
  });

  test('while an audience is computed nobody is taken out of it', async () => {
    await hub.people.run(
      `INSERT INTO audience (name, definition_hash, computed_at, computing_after)
       VALUES ('buyers', 'x', NULL, '00000000-0000-0000-0000-000000000000')`,
    );
    await hub.people.leave('buyers', 'p1');
    await hub.settle();
    expect(size()).toBe(20);
    await hub.people.run(`UPDATE audience SET computing_after = NULL, computed_at = now()`);
    await hub.clock.advance(5_000);
    await hub.settle();
    expect(size()).toBe(19);
  });
});

describe('judging a list', () => {
  const numbers = { present: 1_000, removals: 0, adds: 0, before: 1_000 };
  const settings = { ...guards, floor: 50 };

  test('a swap of everybody for others is a mass removal', () => {
    const swap = { ...numbers, removals: 1_000, adds: 1_000 };
    expect(judgeList('L', swap, settings)?.code).toBe('MASS_REMOVAL');
  });

  test('a list that turns over all the time may, as long as it keeps its size', () => {
    const busy = { present: 1_000, removals: 40, adds: 45, before: 1_000 };
    expect(judgeList('L', busy, settings)).toBeUndefined();
  });

  test('three times the list is the most that is added', () => {
    expect(judgeList('L', { ...numbers, adds: 3_000 }, settings)).toBeUndefined();
    expect(judgeList('L', { ...numbers, adds: 3_001 }, settings)?.code).toBe('MASS_ADDITION');
  });

  test('small changes pass', () => {
    const small = { present: 49, removals: 49, adds: 0, before: 49 };
    expect(judgeList('L', small, settings)).toBeUndefined();
  });
});
