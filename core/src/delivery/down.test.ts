// A destination that is down, or wants to be left alone, costs nobody an attempt, whether the plugin says
// so of the whole call or of single deliveries.
import { beforeEach, expect, test } from 'vitest';
import type { Outcome } from '@tributary/sdk';
import {
  destinationSettings,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import {
  scriptedDestination,
  type Fault,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import type { DestinationInstanceSettings } from './settings.ts';

eachStore('a destination in trouble', (open) => {
  const clean = withCleanStore(open);
  const emails = ['ada', 'bea', 'cy'].map((name) => `${name}@example.com`);
  const mail = {
    action: 'mail',
    audience: 'buyers',
    parameters: {},
    traits: new Map<string, string>(),
    coolDownMs: 86_400_000,
  };
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;

  const begin = async (change: Partial<DestinationInstanceSettings> = {}): Promise<void> => {
    vendor = scriptedDestination({ idempotent: true });
    const settings = destinationSettings('mail', change);
    hub = await startHub(await clean(), { instances: [[settings, vendor]] });
    // So that what begins now is no audience that was just made.
    await hub.settle();
    await hub.clock.advance(1_000);
  };
  const joinAll = async (): Promise<void> => {
    for (const email of emails) {
      const name = email.slice(0, email.indexOf('@'));
      await hub.people.person(name, [email]);
      await hub.people.consent(`u:${name}`, 'granted', start - 1_000);
      await hub.people.member('buyers', name, hub.clock.now());
    }
  };
  const keysOn = (list: string): string[] => [...(vendor.lists.get(list)?.keys() ?? [])].sort();
  /** The first is taken, the others end so. */
  const halfWay = (outcome: Outcome): Fault => ({
    effect: false,
    answer: { each: (key) => (key === emails[0] ? { kind: 'delivered' } : outcome) },
  });
  const retry = { ...destinationSettings('x').retry, maxAttempts: 1 };

  beforeEach(() => begin({ retry }));

  test('a rate limit half-way through a batch is waited out and uses up no attempt', async () => {
    await joinAll();
    const wait = { because: 'rate_limited', retryAfterMs: 90_000 } as const;
    vendor.script = () => halfWay({ kind: 'retry', reason: 'too fast', ...wait });
    await hub.settle();
    await hub.clock.advance(89_000);
    await hub.settle();
    expect(vendor.calls).toHaveLength(1);
    expect(await hub.delivery.deadLetters('mail', {})).toEqual([]);
    vendor.script = () => undefined;
    await hub.clock.advance(1_001);
    await hub.settle();
    expect(keysOn('L')).toEqual(emails.slice(1));
  });

  test('credentials that are refused half-way pause the instance and keep everything', async () => {
    await joinAll();
    vendor.script = () => halfWay({ kind: 'retry', reason: 'no longer', because: 'auth' });
    await hub.settle();
    const [status] = await hub.delivery.status();
    expect(status).toMatchObject({ state: 'paused', code: 'AUTH_FAILED' });
    expect(await hub.delivery.deadLetters('mail', {})).toEqual([]);
  });

  test('what was never sent loses no attempt', async () => {
    await joinAll();
    vendor.script = () => halfWay({ kind: 'retry', reason: 'held back', because: 'not_sent' });
    await hub.settle();
    vendor.script = () => undefined;
    await hub.clock.advance(60_000);
    await hub.settle();
    expect(keysOn('L')).toEqual(emails.slice(1));
  });

  test.each<Fault>([
    { effect: false, answer: 'retry' },
    { effect: true, answer: 'in_doubt' },
    { effect: false, answer: 'missing' },
    { effect: false, answer: { throws: 'transient' } },
    { effect: true, answer: { throws: 'unknown' } },
  ])('down for a day, told by $answer: nothing is lost, nothing given up', async (fault) => {
    await begin({ audiences: destinationSettings('x').audiences, actions: [mail] });
    await joinAll();
    vendor.script = () => fault;
    for (let minutes = 0; minutes < 24 * 60; minutes += 10) {
      await hub.settle();
      await hub.clock.advance(600_000);
    }
    expect(await hub.delivery.deadLetters('mail', {})).toEqual([]);
    vendor.script = () => undefined;
    await hub.settle();
    await hub.clock.advance(60_000);
    await hub.settle();
    expect(keysOn('L')).toEqual(emails);
    expect(new Set(vendor.mails.map(({ key }) => key))).toEqual(new Set(emails));
  });

  test('however often the hub is started anew while it is down', async () => {
    await begin({ audiences: destinationSettings('x').audiences, actions: [mail] });
    await joinAll();
    vendor.script = () => ({ effect: false, answer: { throws: 'transient' } });
    for (let restarts = 0; restarts < 12; restarts += 1) {
      for (let minutes = 0; minutes < 60; minutes += 10) {
        await hub.settle();
        await hub.clock.advance(600_000);
      }
      hub = await hub.restart();
      const [status] = await hub.delivery.status();
      expect(status?.down).toBe(true);
    }
    expect(await hub.delivery.deadLetters('mail', {})).toEqual([]);
    vendor.script = () => undefined;
    await hub.settle();
    hub = await hub.restart();
    const [status] = await hub.delivery.status();
    expect(status?.down).toBe(false);
    expect(keysOn('L')).toEqual(emails);
  });

  test('an operator who resumes it ends that it is known to be down', async () => {
    await begin({ audiences: destinationSettings('x').audiences });
    await joinAll();
    vendor.script = () => ({ effect: false, answer: { throws: 'transient' } });
    for (let turns = 0; turns < 8; turns += 1) {
      await hub.settle();
      await hub.clock.advance(600_000);
    }
    expect((await hub.delivery.status())[0]?.down).toBe(true);
    vendor.script = () => undefined;
    await hub.delivery.resume('mail', 'operator');
    await hub.settle();
    hub = await hub.restart();
    expect((await hub.delivery.status())[0]?.down).toBe(false);
  });
});
