// Answers that are no end, or another one than was asked for: jobs that run on, and removals for which there
// is nothing to do. Neither keeps anybody on a list.
import { beforeEach, expect, test } from 'vitest';
import { PluginError, sameOutcome, type PluginErrorKind } from '@tributary/sdk';
import {
  countsOf,
  destinationSettings,
  joinBuyers,
  keysOnList,
  startHub,
  start,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import { hashOf } from '../../../test/support/people.ts';
import {
  scriptedDestination,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';

eachStore('unfinished changes', (open) => {
  const clean = withCleanStore(open);
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;

  const begin = async (options = {}): Promise<void> => {
    const store = await clean();
    vendor = scriptedDestination(options);
    hub = await startHub(store, { instances: [[destinationSettings('mail'), vendor]] });
  };
  const keysOn = (list: string): string[] => keysOnList(vendor, list);
  const join = (name: string, emails: readonly string[], traits = {}): Promise<void> =>
    joinBuyers(hub, name, emails, traits);
  const books = (): Promise<Record<string, number>> => countsOf(hub);

  beforeEach(() => begin());

  const stillRunning: ScriptedDestination['poll'] = (deliveries, job) =>
    sameOutcome(deliveries, { kind: 'accepted', job, pollAfterMs: 600_000_000 });
  const fails =
    (kind: PluginErrorKind): ScriptedDestination['poll'] =>
    () => {
      throw new PluginError(kind, 'no answer');
    };
  /** Taken as a job of which no end is heard, with this answer to each question. */
  const takeJob = async (poll: ScriptedDestination['poll']): Promise<void> => {
    await join('ada', ['ada@example.com']);
    vendor.script = () => ({ effect: true, answer: 'accepted' });
    await hub.settle();
    vendor.script = () => undefined;
    vendor.poll = poll;
  };
  const planAll = async (): Promise<void> => {
    while (await hub.delivery.planOnce('mail'));
  };
  const pass = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute += 1) {
      await hub.clock.advance(60_000);
      await hub.settle();
    }
  };

  test.each([
    ['runs on', stillRunning],
    ['cannot be asked about', fails('transient')],
  ])('who said no is taken out though the job that added her %s', async (_, poll) => {
    await takeJob(poll);
    await pass(3);
    await hub.people.consent('u:ada', 'denied', hub.clock.now());
    await pass(12);
    expect(vendor.calls.filter(({ feature }) => feature === 'remove')).toHaveLength(1);
    expect(keysOn('L')).toEqual([]);
    expect(await books()).toMatchObject({
      planned: 2,
      superseded: 1,
      delivered: 1,
      pending: 0,
      inDoubt: 0,
    });
  });

  test('who is erased is taken out though the job that added her runs on', async () => {
    await takeJob(stillRunning);
    await pass(1);
    await hub.people.erase('ada', ['ada@example.com'], hub.clock.now());
    await pass(12);
    expect(keysOn('L')).toEqual([]);
    expect(await hub.people.run('SELECT 1 FROM ledger')).toEqual([]);
  });

  test.each(['polling', 'sending'])(
    'a removal that is %s when she is erased does not count as her erasure',
    async (where) => {
      await begin({ erase: true });
      await join('ada', ['ada@example.com']);
      await hub.settle();
      const goOn = Promise.withResolvers<void>();
      if (where === 'sending') vendor.before = () => goOn.promise;
      else vendor.script = () => ({ effect: true, answer: 'accepted' });
      await hub.people.consent('u:ada', 'denied', hub.clock.now());
      await planAll();
      const sent = hub.delivery.sendOnce('mail');
      await expect.poll(() => vendor.calls.at(-1)?.feature, { timeout: 20_000 }).toBe('remove');
      if (where === 'polling') await sent;
      await hub.people.erase('ada', ['ada@example.com'], hub.clock.now());
      await planAll();
      goOn.resolve();
      await sent;
      vendor.script = () => undefined;
      await pass(1);
      const identifier = { namespace: 'email', value: 'ada@example.com' };
      const subjects = [{ hash: hashOf('ada@example.com'), identifier }];
      expect(await hub.delivery.pursueErasure('mail', { subjects })).toEqual({ state: 'pending' });
      await pass(1);
      expect(vendor.calls.filter(({ feature }) => feature === 'erase')).toHaveLength(1);
      expect(await hub.delivery.pursueErasure('mail', { subjects })).toMatchObject({
        state: 'done',
      });
    },
  );

  test('a job that has not ended after a day is in doubt, and what it was to do is done again', async () => {
    await takeJob(stillRunning);
    await pass(5);
    for (let hour = 0; hour < 23; hour += 1) await hub.clock.advance(3_600_000);
    await hub.settle();
    expect(vendor.calls.filter(({ feature }) => feature === 'add')).toHaveLength(1);
    await pass(60);
    expect(vendor.calls.filter(({ feature }) => feature === 'add')).toHaveLength(2);
    expect(await books()).toMatchObject({ planned: 1, delivered: 1, pending: 0, inDoubt: 0 });
  });

  test('a job that the vendor does not know is in doubt at once', async () => {
    await takeJob(fails('rejected'));
    await pass(2);
    expect(vendor.calls.map(({ feature }) => feature)).toEqual(['add', 'poll', 'add']);
    expect(await books()).toMatchObject({ planned: 1, delivered: 1, pending: 0, inDoubt: 0 });
  });

  test('a reset gives up jobs, and what they were to do is done again', async () => {
    await takeJob(stillRunning);
    await pass(1);
    vendor.lists.clear();
    await hub.delivery.reset('mail', 'operator');
    expect(await books()).toMatchObject({ planned: 1, inDoubt: 1 });
    await hub.settle();
    expect(keysOn('L')).toEqual(['ada@example.com']);
    expect(await books()).toMatchObject({ planned: 1, delivered: 1, pending: 0, inDoubt: 0 });
  });

  test('a reset takes out whom a job may have added and who said no since', async () => {
    await takeJob(stillRunning);
    await pass(1);
    await hub.people.consent('u:ada', 'denied', hub.clock.now());
    while (await hub.delivery.planOnce('mail'));
    await hub.delivery.reset('mail', 'operator');
    await hub.settle();
    expect(keysOn('L')).toEqual([]);
    expect(await books()).toMatchObject({ planned: 2, superseded: 1, delivered: 1, pending: 0 });
  });

  test('a removal that the plugin has nothing to do for is done: it is so already', async () => {
    await join('ada', ['ada@example.com']);
    await hub.settle();
    vendor.script = () => ({ effect: false, answer: 'filtered' });
    await hub.people.consent('u:ada', 'denied', start);
    await hub.settle();
    expect(await hub.people.run('SELECT status, presence FROM ledger')).toEqual([
      { status: 'settled', presence: 'absent' },
    ]);
    expect(await books()).toMatchObject({ planned: 2, delivered: 2, filtered: 0, pending: 0 });
  });

  test('an addition that the plugin has nothing to send for leaves who may be there in sight', async () => {
    await join('ada', ['ada@example.com'], { name: 'Ada' });
    await hub.settle();
    vendor.script = ({ feature }) =>
      feature === 'add' ? { effect: false, answer: 'filtered' } : undefined;
    await hub.people.traits('ada', { name: 'Ada L.' });
    await hub.settle();
    await hub.people.consent('u:ada', 'denied', start);
    await hub.settle();
    expect(keysOn('L')).toEqual([]);
    expect(await books()).toMatchObject({ planned: 3, delivered: 2, filtered: 1, pending: 0 });
  });
});
