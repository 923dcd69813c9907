// Forwarded events: in the order of their lane, each once, and only with consent.
import { beforeEach, expect, test } from 'vitest';
import type { StandardRecord } from '../standardise/standard-record.ts';
import {
  destinationSettings,
  purpose,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import { hashOf, profileOf } from '../../../test/support/people.ts';
import {
  scriptedDestination,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';

eachStore('forwarded events', (open) => {
  const clean = withCleanStore(open);
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;
  let last = 0;

  const begin = async (change = {}, options = {}): Promise<void> => {
    vendor = scriptedDestination(options);
    last = 0;
    const settings = destinationSettings('mail', {
      audiences: [],
      events: { types: ['track', 'page'], names: undefined },
      ...change,
    });
    hub = await startHub(await clean(), { instances: [[settings, vendor]] });
    for (const name of ['ada', 'bea']) {
      await hub.people.person(name, [`${name}@example.com`]);
      await hub.people.consent(`u:${name}`, 'granted', start - 1_000);
    }
  };
  beforeEach(() => begin());

  const happen = (person: string, change: Partial<StandardRecord> = {}): void => {
    last += 1;
    const identifier = (
      namespace: string,
      value: string,
    ): StandardRecord['identifiers'][number] => ({
      namespace,
      value,
      hash: hashOf(value),
      kind: 'person',
      priority: 0,
    });
    const identifiers = [
      identifier('user_id', `u:${person}`),
      identifier('email', `${person}@example.com`),
    ];
    hub.events.push({
      profileId: profileOf(person),
      record: {
        number: last,
        source: 'web',
        messageHash: hashOf(`message ${last}`),
        type: 'track',
        at: start,
        receivedAt: start,
        origin: 'server',
        trust: 1,
        probability: 1,
        historical: false,
        identifiers,
        contacts: [],
        subject: identifiers[0],
        previous: undefined,
        traits: {},
        name: `${person} ${last}`,
        properties: {},
        context: {},
        integrations: {},
        consents: [],
        eventConsent: undefined,
        ...change,
      },
    });
  };
  const forwarded = (): string[] => vendor.events.map(({ event }) => event.name);
  const of = (person: string): string[] => forwarded().filter((name) => name.startsWith(person));
  const books = async (): Promise<unknown> => (await hub.delivery.status())[0]?.books[0];

  test('each event once, in order, under its address', async () => {
    for (let index = 0; index < 5; index += 1) happen('ada');
    await hub.settle();
    await hub.settle();
    expect(forwarded()).toEqual(['ada 1', 'ada 2', 'ada 3', 'ada 4', 'ada 5']);
    expect(vendor.events[0]).toMatchObject({
      key: 'ada@example.com',
      event: { type: 'track', profileId: profileOf('ada'), timestamp: '2024-06-01T12:00:00.000Z' },
    });
    expect(await books()).toMatchObject({ planned: 5, delivered: 5, pending: 0 });
  });

  test('a blocked event holds its lane and no other', async () => {
    for (let index = 0; index < 3; index += 1) {
      happen('ada');
      happen('bea');
    }
    await hub.delivery.planOnce('mail');
    vendor.script = ({ keys }) =>
      keys.includes('ada@example.com') ? { effect: false, answer: 'retry' } : undefined;
    // One lane at a time in a call, so that the script concerns only ada.
    hub = await hub.restart();
    await hub.settle();
    vendor.script = () => undefined;
    await hub.clock.advance(120_000);
    await hub.settle();
    expect(of('ada')).toEqual(['ada 1', 'ada 3', 'ada 5']);
    expect(of('bea')).toEqual(['bea 2', 'bea 4', 'bea 6']);
  });

  test('no event without the person’s consent; none that its own preferences forbid', async () => {
    await hub.people.consent('u:bea', 'denied', start);
    happen('bea');
    happen('ada', { eventConsent: { [purpose]: false } });
    happen('ada', { eventConsent: { other: true } });
    happen('ada', { eventConsent: { [purpose]: true } });
    await hub.settle();
    expect(forwarded()).toEqual(['ada 4']);
    expect(await books()).toMatchObject({ planned: 4, delivered: 1, filtered: 3 });
  });

  test('an event of nobody is not sent: a missing answer means no', async () => {
    happen('ada');
    const [event] = hub.events;
    if (event) hub.events[0] = { ...event, profileId: null };
    await hub.settle();
    expect(forwarded()).toEqual([]);
  });

  test('a change of preferences is told whatever it says', async () => {
    await hub.people.consent('u:ada', 'denied', start);
    happen('ada', { name: 'Segment Consent Preference Updated' });
    await hub.settle();
    expect(forwarded()).toEqual(['Segment Consent Preference Updated']);
  });

  test('a stop counts before it is resolved', async () => {
    happen('ada');
    await hub.people.stop('ada@example.com', start);
    await hub.settle();
    expect(forwarded()).toEqual([]);
  });

  test('the record’s own switches are honoured, and never overrule consent', async () => {
    await hub.people.consent('u:bea', 'denied', start);
    happen('ada', { integrations: { All: false } });
    happen('ada', { integrations: { All: false, mail: true } });
    happen('ada', { integrations: { mail: false } });
    happen('ada', { integrations: { mail: { option: 1 } } });
    happen('bea', { integrations: { mail: true } });
    await hub.settle();
    expect(forwarded()).toEqual(['ada 2', 'ada 4']);
  });

  test('types, names and back-fill as config says', async () => {
    await begin({ events: { types: ['track'], names: new Set(['Order Completed']) } });
    happen('ada', { name: 'Order Completed' });
    happen('ada', { name: 'Product Viewed' });
    happen('ada', { type: 'page' });
    happen('ada', { name: 'Order Completed', historical: true });
    await hub.settle();
    expect(vendor.events.map(({ handle }) => handle)).toEqual(['1']);
    expect(await books()).toMatchObject({ planned: 1, delivered: 1 });
  });

  test('a lost answer is not repeated and holds nobody up', async () => {
    happen('ada');
    vendor.script = () => ({ effect: true, answer: { throws: 'unknown' } });
    await hub.settle();
    vendor.script = () => undefined;
    happen('ada');
    await hub.clock.advance(120_000);
    await hub.settle();
    expect(forwarded()).toEqual(['ada 1', 'ada 2']);
    expect(await books()).toMatchObject({ planned: 2, delivered: 1, inDoubt: 1 });
    expect(await hub.delivery.settleEvent('mail', 1, 'delivered', 'operator')).toBe(true);
    expect(await books()).toMatchObject({ planned: 2, delivered: 2, inDoubt: 0 });
  });

  test('where repetitions are dropped a lost answer is repeated in its place', async () => {
    await begin({}, { idempotent: true });
    happen('ada');
    happen('ada');
    vendor.script = () => ({ effect: true, answer: { throws: 'unknown' } });
    await hub.settle();
    vendor.script = () => undefined;
    await hub.clock.advance(120_000);
    await hub.settle();
    expect(forwarded()).toEqual(['ada 1', 'ada 1', 'ada 2']);
  });

  test('a rejected event is a dead letter, and can be replayed', async () => {
    happen('ada');
    happen('ada');
    vendor.script = () => ({ effect: false, answer: 'rejected' });
    await hub.delivery.planOnce('mail');
    await hub.delivery.sendOnce('mail');
    vendor.script = () => undefined;
    await hub.settle();
    expect(forwarded()).toEqual(['ada 2']);
    expect(await hub.delivery.deadLetters('mail', {})).toMatchObject([
      { kind: 'event', number: 1, code: 'VENDOR_400', message: 'no such address' },
    ]);
    expect(await hub.delivery.replay('mail', { kind: 'event' }, 'operator')).toBe(1);
    await hub.settle();
    expect(forwarded()).toEqual(['ada 2', 'ada 1']);
    expect(await books()).toMatchObject({ planned: 3, delivered: 2, rejected: 1, pending: 0 });
  });

  test('dead letters can be dropped with a reason', async () => {
    happen('ada');
    vendor.script = () => ({ effect: false, answer: 'rejected' });
    await hub.settle();
    expect(await hub.delivery.drop('mail', {}, 'a test', 'operator')).toBe(1);
    expect(await hub.delivery.deadLetters('mail', { state: 'open' })).toEqual([]);
    expect(await hub.delivery.deadLetters('mail', { state: 'dropped' })).toMatchObject([
      { settledReason: 'a test' },
    ]);
  });

  test('nothing is lost or repeated over a restart', async () => {
    happen('ada');
    await hub.delivery.planOnce('mail');
    hub = await hub.restart();
    happen('ada');
    await hub.settle();
    expect(forwarded()).toEqual(['ada 1', 'ada 2']);
  });
});
