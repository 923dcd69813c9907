// Actions happen once: per contact point and episode, never for the past, never after the moment.
import { expect, test } from 'vitest';
import { PluginError, sameOutcome } from '@tributary/sdk';
import {
  destinationSettings,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import { profileOf } from '../../../test/support/people.ts';
import {
  scriptedDestination,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import { isoTime, type Store } from '../store/store.ts';
import type { ActionRule } from './settings.ts';

const rule: ActionRule = {
  action: 'mail',
  audience: 'buyers',
  parameters: { template: 't1' },
  traits: new Map([['NAME', 'name']]),
  coolDownMs: 86_400_000,
};

eachStore('actions', (open) => {
  const clean = withCleanStore(open);
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;
  let store: Store;

  const begin = async (change = {}, options = {}): Promise<void> => {
    vendor = scriptedDestination(options);
    const settings = destinationSettings('mail', { audiences: [], actions: [rule], ...change });
    store = await clean();
    hub = await startHub(store, { instances: [[settings, vendor]] });
    await hub.settle();
    await hub.clock.advance(1_000);
  };
  const person = async (name: string, ...emails: string[]): Promise<void> => {
    await hub.people.person(name, emails, { name });
    await hub.people.consent(`u:${name}`, 'granted', start - 1_000);
  };
  const enter = (name: string, cause = 'live'): Promise<void> =>
    hub.people.member('buyers', name, hub.clock.now(), cause);
  const mailed = (): string[] => vendor.mails.map((mail) => mail.key).sort();
  const statuses = async (): Promise<unknown[]> =>
    hub.people.run('SELECT status, reason FROM action ORDER BY planned_at, id');

  test('who enters is mailed once, with mapped traits, however often she is looked at', async () => {
    await begin();
    await person('ada', 'ada@example.com');
    await enter('ada');
    await hub.settle();
    await hub.people.touch(['ada']);
    await hub.settle();
    expect(vendor.mails).toMatchObject([{ key: 'ada@example.com', traits: { NAME: 'ada' } }]);
  });

  test.each(['historical', 'baseline', 'rebuild'])(
    'never for a membership by %s',
    async (cause) => {
      await begin();
      await person('ada', 'ada@example.com');
      await enter('ada', cause);
      await hub.settle();
      expect(vendor.mails).toEqual([]);
    },
  );

  test('never again after a restore, whether it was planned before or not', async () => {
    await begin();
    await person('ada', 'ada@example.com');
    await person('bea', 'bea@example.com');
    await person('cleo', 'cleo@example.com');
    await enter('ada');
    await hub.delivery.planOnce('mail');
    await enter('bea');
    await hub.clock.advance(1_000);
    hub = await hub.restart({ restoredAt: hub.clock.now() });
    await hub.delivery.doubt('mail');
    await enter('cleo');
    await hub.settle();
    expect(mailed()).toEqual(['cleo@example.com']);
    expect(await statuses()).toMatchObject([
      { status: 'in_doubt', reason: expect.stringContaining('restored') },
      { status: 'delivered' },
    ]);
    const [status] = await hub.delivery.status();
    const book = { planned: 2, delivered: 1, inDoubt: 1, pending: 0 };
    expect(status?.books.find(({ kind }) => kind === 'action')).toMatchObject(book);
  });

  test('never for those who were in the audience before the action was configured', async () => {
    await begin({ actions: [] });
    await person('ada', 'ada@example.com');
    await enter('ada');
    await hub.settle();
    await hub.clock.advance(60_000);
    const settings = destinationSettings('mail', { audiences: [], actions: [rule] });
    hub = await startHub(store, { instances: [[settings, vendor]], clock: hub.clock });
    await hub.settle();
    expect(vendor.mails).toEqual([]);
    await person('bea', 'bea@example.com');
    await enter('bea');
    await hub.settle();
    expect(mailed()).toEqual(['bea@example.com']);
  });

  test('asking how an instance stands changes none of its actions, whatever config the asker has', async () => {
    await begin({ actions: [rule, { ...rule, audience: 'fans' }] });
    await person('zoe', 'zoe@example.com');
    await hub.settle();
    const asker = destinationSettings('mail', { audiences: [], actions: [rule] });
    const parts = { instances: [[asker, scriptedDestination()]] as const, clock: hub.clock };
    const neighbour = await startHub(store, parts);
    await neighbour.delivery.status();
    await neighbour.delivery.pursueErasure('mail', { subjects: [] });
    await person('ada', 'ada@example.com');
    await hub.people.member('fans', 'ada', hub.clock.now());
    await hub.settle();
    expect(mailed()).toEqual(['ada@example.com']);
  });

  test('who leaves before it was sent is not mailed', async () => {
    await begin();
    await person('ada', 'ada@example.com');
    await enter('ada');
    while (await hub.delivery.planOnce('mail'));
    await hub.people.leave('buyers', 'ada');
    await hub.settle();
    expect(vendor.mails).toEqual([]);
    expect(await statuses()).toEqual([{ status: 'superseded', reason: 'the episode ended' }]);
  });

  test('the gate sees that the episode is over before planning does', async () => {
    await begin();
    await person('ada', 'ada@example.com');
    await enter('ada');
    while (await hub.delivery.planOnce('mail'));
    await hub.people.leave('buyers', 'ada');
    await hub.delivery.sendOnce('mail');
    expect(vendor.calls).toEqual([]);
    expect(await statuses()).toMatchObject([{ status: 'superseded' }]);
  });

  test('without a grant at the moment of entering it is filtered, and a later grant does not fire it', async () => {
    await begin();
    await hub.people.person('ada', ['ada@example.com']);
    await enter('ada');
    await hub.settle();
    expect(await statuses()).toEqual([{ status: 'filtered', reason: 'consent: no_entry' }]);
    await hub.people.consent('u:ada', 'granted', start);
    await hub.settle();
    expect(vendor.mails).toEqual([]);
  });

  test('a second episode fires only after the cool-down', async () => {
    await begin();
    await person('ada', 'ada@example.com');
    await enter('ada');
    await hub.settle();
    for (const [wait, mails] of [
      [3_600_000, 1],
      [86_400_000, 2],
    ] as const) {
      await hub.people.leave('buyers', 'ada');
      await hub.settle();
      await hub.clock.advance(wait);
      await enter('ada');
      await hub.settle();
      expect(vendor.mails).toHaveLength(mails);
    }
  });

  test('an address that two people share is mailed once', async () => {
    await begin();
    await person('ada');
    await person('bea');
    await hub.people.sharedEmail('family@example.com', ['ada', 'bea']);
    await enter('ada');
    await hub.settle();
    await hub.clock.advance(90_000_000); // the cool-down is over; she never left
    await enter('bea');
    await hub.settle();
    expect(mailed()).toEqual(['family@example.com']);
  });

  test('a merge moves the address to another profile and fires nothing', async () => {
    await begin({ contactPoints: 'primary' });
    await person('ada', 'ada@example.com');
    await person('bea', 'bea@example.com');
    await enter('bea');
    await hub.settle();
    await hub.people.merge('ada', 'bea'); // ada@ becomes the primary address of a member
    await hub.clock.advance(1_000);
    await hub.settle();
    expect(mailed()).toEqual(['bea@example.com']);
  });

  test('a lost answer is never sent again by itself, and settled by a person', async () => {
    await begin();
    await person('ada', 'ada@example.com');
    vendor.script = () => ({ effect: false, answer: { throws: 'unknown' } });
    await enter('ada');
    await hub.settle();
    await hub.clock.advance(86_400_000);
    await hub.settle();
    expect(vendor.calls).toHaveLength(1);
    const [row] = await hub.delivery.actions('mail', 'in_doubt');
    expect(row?.reason).toBe('the vendor says unknown');
    vendor.script = () => undefined;
    const id = row?.id ?? '';
    await hub.delivery.settleAction('mail', id, 'not_delivered', 'not in the log', 'operator');
    await hub.settle();
    expect(mailed()).toEqual(['ada@example.com']);
    expect(await hub.delivery.settleAction('mail', id, 'delivered', 'again', 'operator')).toBe(
      false,
    );
  });

  test('where the vendor drops repetitions a lost answer is repeated under the same id', async () => {
    await begin({}, { idempotent: true });
    await person('ada', 'ada@example.com');
    vendor.script = () => ({ effect: true, answer: { throws: 'unknown' } });
    await enter('ada');
    await hub.settle();
    vendor.script = () => undefined;
    await hub.clock.advance(60_000);
    await hub.settle();
    expect(vendor.mails).toHaveLength(2);
    expect(new Set(vendor.mails.map((mail) => mail.actionId)).size).toBe(1);
  });

  const day = 86_400_000;

  const enterAsJob = async (options = {}): Promise<void> => {
    await begin({}, options);
    await person('ada', 'ada@example.com');
    vendor.script = () => ({ effect: true, answer: 'accepted' });
    vendor.poll = (deliveries, job) =>
      sameOutcome(deliveries, { kind: 'accepted', job, pollAfterMs: 100 * day });
    await enter('ada');
    await hub.settle();
    vendor.script = () => undefined;
    await hub.clock.advance(day - 60_000);
    await hub.settle();
    expect(await statuses()).toEqual([{ status: 'polling', reason: null }]);
    await hub.clock.advance(60_000);
    await hub.settle();
  };

  test('a vendor’s job that has not ended after a day is in doubt, and no mail leaves again', async () => {
    await enterAsJob();
    expect(await statuses()).toEqual([{ status: 'in_doubt', reason: 'the job has not ended' }]);
    await hub.clock.advance(day);
    await hub.settle();
    expect(mailed()).toEqual(['ada@example.com']);
    const [row] = await hub.delivery.actions('mail', 'in_doubt');
    await hub.delivery.settleAction('mail', row?.id ?? '', 'delivered', 'seen there', 'operator');
    expect(await statuses()).toEqual([{ status: 'delivered', reason: 'seen there' }]);
  });

  test('nor where nobody can ask about it', async () => {
    await begin();
    await person('ada', 'ada@example.com');
    vendor.script = () => ({ effect: true, answer: 'accepted' });
    vendor.poll = () => {
      throw new PluginError('transient', 'no answer');
    };
    await enter('ada');
    await hub.settle();
    for (let hour = 0; hour < 26; hour += 1) {
      await hub.clock.advance(3_600_000);
      await hub.settle();
    }
    expect(await statuses()).toEqual([{ status: 'in_doubt', reason: 'the job has not ended' }]);
  });

  test('such a job is asked for again where the vendor drops repetitions', async () => {
    await enterAsJob({ idempotent: true });
    await hub.clock.advance(60_000);
    await hub.settle();
    expect(await statuses()).toMatchObject([{ status: 'delivered' }]);
    expect(new Set(vendor.mails.map((mail) => mail.actionId)).size).toBe(1);
  });
  /** From then on time alone may have taken her out. */
  const lookAgainAt = (name: string, at: number | null): Promise<unknown> =>
    hub.people.run('UPDATE profile SET check_at = $2::timestamptz WHERE id = $1', [
      profileOf(name),
      at === null ? null : isoTime(at),
    ]);

  test.each([
    ['is over', []],
    ['lasts', ['ada@example.com', 'bea@example.com']],
  ])(
    'after the hub was away none leaves before time has passed for audiences: it %s',
    async (ends, mails) => {
      await begin();
      for (const name of ['ada', 'bea']) {
        await person(name, `${name}@example.com`);
        await enter(name);
        await lookAgainAt(name, hub.clock.now() + day);
      }
      while (await hub.delivery.planOnce('mail'));
      await hub.clock.advance(2 * day);
      hub = await hub.restart();
      await hub.settle();
      expect(mailed()).toEqual([]);
      for (const name of ['ada', 'bea']) {
        await lookAgainAt(name, null);
        if (ends === 'is over') await hub.people.leave('buyers', name);
      }
      await hub.clock.advance(2_000);
      await hub.settle();
      expect(mailed()).toEqual(mails);
      expect(await hub.delivery.actions('mail', 'due')).toEqual([]);
    },
  );

  test('who is looked at again later only is mailed at once', async () => {
    await begin();
    await person('ada', 'ada@example.com');
    await enter('ada');
    await lookAgainAt('ada', hub.clock.now() + day);
    await hub.settle();
    expect(mailed()).toEqual(['ada@example.com']);
  });

  test('a crash in the midst leaves it in doubt', async () => {
    await begin();
    await person('ada', 'ada@example.com');
    vendor.script = () => ({ effect: true, answer: 'never' });
    await enter('ada');
    while (await hub.delivery.planOnce('mail'));
    void hub.delivery.sendOnce('mail');
    await expect.poll(() => vendor.calls.length, { timeout: 20_000 }).toBe(1);
    vendor.script = () => undefined;
    hub = await hub.restart();
    await hub.settle();
    expect(vendor.mails).toHaveLength(1);
    expect(await statuses()).toMatchObject([{ status: 'in_doubt' }]);
    // It waits for a person and not to be sent: a delivery that is late is another matter.
    expect((await hub.delivery.status())[0]).toMatchObject({ oldestUndelivered: null });
  });

  test('more within an hour than config allows: sending stops and asks', async () => {
    await begin({ guards: { ...destinationSettings('x').guards, maxActionsPerHour: 2 } });
    for (const name of ['ada', 'bea', 'cy']) {
      await person(name, `${name}@example.com`);
      await enter(name);
    }
    await hub.settle();
    const [status] = await hub.delivery.status();
    expect(status).toMatchObject({ state: 'guarded', code: 'MASS_SENDING' });
    expect(vendor.mails).toEqual([]);
    await hub.delivery.approveGuard('mail', hub.clock.now() + 60_000, 'operator');
    await hub.settle();
    expect(vendor.mails).toHaveLength(3);
  });

  const enterMany = async (count: number): Promise<void> => {
    for (let place = 0; place < count; place += 1) {
      await person(`p${place}`, `p${place}@example.com`);
      await enter(`p${place}`);
    }
    await hub.settle();
  };
  const few = { ...destinationSettings('x').guards, maxActionsPerHour: 2 };

  test('what a guard holds does not leave because an hour has passed', async () => {
    await begin({ guards: few });
    await enterMany(3);
    await hub.clock.advance(3_700_000);
    await hub.delivery.resume('mail', 'operator');
    await hub.settle();
    const [status] = await hub.delivery.status();
    expect(status).toMatchObject({ state: 'guarded', code: 'MASS_SENDING' });
    expect(vendor.mails).toEqual([]);
  });

  test('what has gathered in a pause is counted whenever it ends', async () => {
    await begin({ guards: few });
    await hub.delivery.pause('mail', 'holidays', 'operator');
    await enterMany(3);
    await hub.clock.advance(3_700_000);
    await hub.delivery.resume('mail', 'operator');
    await hub.settle();
    const [status] = await hub.delivery.status();
    expect(status).toMatchObject({ state: 'guarded', code: 'MASS_SENDING' });
    expect(vendor.mails).toEqual([]);
  });

  test('what has left counts for an hour, and no longer', async () => {
    await begin({ guards: few });
    await enterMany(2);
    expect(vendor.mails).toHaveLength(2);
    await hub.clock.advance(3_700_000);
    await person('zoe', 'zoe@example.com');
    await enter('zoe');
    await hub.settle();
    expect(vendor.mails).toHaveLength(3);
  });

  test('a dry run does not keep mails for later', async () => {
    await begin({ dryRun: true });
    await person('ada', 'ada@example.com');
    await enter('ada');
    await hub.settle();
    expect(vendor.calls).toEqual([]);
    expect(await statuses()).toEqual([{ status: 'filtered', reason: 'dry run' }]);
  });
});
