// Forwarded events: in the order of their lane, each once, and only with consent.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { sameOutcome } from '@tributary/sdk';
import type { EmittedRecord } from '../standardise/standard-record.ts';
import {
  destinationSettings,
  purpose,
  start,
  startHub,
  type DeliveryHub,
} from '../../../test/support/delivery-hub.ts';
import { eventOf } from '../../../test/support/events.ts';
import { hashOf, profileOf } from '../../../test/support/people.ts';
import { createRandom } from '../../../test/support/random.ts';
import {
  scriptedDestination,
  type ScriptedDestination,
} from '../../../test/support/scripted-destination.ts';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import type { Store } from '../store/store.ts';
import { mostPerLane } from './forward/share-out.ts';
import { laneOf } from './lane.ts';
import type { DestinationInstanceSettings } from './settings.ts';

eachStore('forwarded events', (open) => {
  const clean = withCleanStore(open);
  let vendor: ScriptedDestination;
  let hub: DeliveryHub;
  let store: Store;
  let last = 0;

  const settingsWith = (change = {}): DestinationInstanceSettings =>
    destinationSettings('mail', {
      audiences: [],
      events: { types: ['track', 'page'], names: undefined },
      ...change,
    });
  const begin = async (change = {}, options = {}): Promise<void> => {
    vendor = scriptedDestination(options);
    last = 0;
    store = await clean();
    hub = await startHub(store, { instances: [[settingsWith(change), vendor]] });
    for (const name of ['ada', 'bea']) {
      await hub.people.person(name, [`${name}@example.com`]);
      await hub.people.consent(`u:${name}`, 'granted', start - 1_000);
    }
  };
  beforeEach(() => begin());

  const happen = (person: string, change: Partial<EmittedRecord> = {}): void => {
    last += 1;
    hub.events.push(eventOf(person, last, change));
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

  test('an event whose job does not end is in doubt after a day, and its lane goes on', async () => {
    happen('ada');
    await hub.settle();
    happen('ada');
    vendor.script = () => ({ effect: true, answer: 'accepted' });
    vendor.poll = (deliveries, job) =>
      sameOutcome(deliveries, { kind: 'accepted', job, pollAfterMs: 86_400_000_000 });
    await hub.settle();
    vendor.script = () => undefined;
    happen('ada');
    await hub.clock.advance(86_340_000);
    await hub.settle();
    expect(forwarded()).toEqual(['ada 1', 'ada 2']);
    await hub.clock.advance(60_000);
    await hub.settle();
    expect(forwarded()).toEqual(['ada 1', 'ada 2', 'ada 3']);
    expect(await books()).toMatchObject({ planned: 3, delivered: 2, inDoubt: 1, pending: 0 });
  });

  test('a new one that is given a place before people are made anew begins there', async () => {
    const forget = "DELETE FROM cursor WHERE consumer LIKE 'forward%'";
    await hub.people.run(forget);
    for (let index = 0; index < 3; index += 1) happen('ada');
    hub = await hub.restart();
    await hub.delivery.takePlaces(1);
    await hub.delivery.takePlaces();
    await hub.settle();
    expect(forwarded()).toEqual(['ada 2', 'ada 3']);
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

  const waiting = async (person: string): Promise<number> => {
    const rows = await hub.people.run('SELECT FROM forward WHERE lane = $1', [
      laneOf(eventOf(person, 0).record),
    ]);
    return rows.length;
  };
  const plan = async (): Promise<void> => {
    while (await hub.delivery.planOnce('mail'));
  };

  test('a lane that gets more than can wait keeps no other from going on', async () => {
    for (let index = 0; index < 20_500; index += 1) happen('ada');
    happen('bea');
    await plan();
    expect(await waiting('ada')).toBe(mostPerLane);
    expect(await waiting('bea')).toBe(1);
  });

  /** So many of these people's events are through, the first of each lane before the next. */
  const drain = async (most: number, ...people: readonly string[]): Promise<string[]> => {
    const lanes = people.map((person) => laneOf(eventOf(person, 0).record));
    const rows = await hub.people.run<{ number: number }>(
      `WITH first AS (
         SELECT number FROM (
           SELECT number, row_number() OVER (PARTITION BY lane ORDER BY number) AS place
           FROM forward WHERE lane = ANY($1::uuid[])
         ) AS s WHERE place <= $2
       )
       DELETE FROM forward f USING first WHERE f.number = first.number RETURNING f.number`,
      [lanes, most],
    );
    const numbers = rows.map(({ number }) => number).toSorted((a, b) => a - b);
    return numbers.map((number) => hub.events[number - 1]?.record.name ?? '');
  };
  const behind = (): Promise<unknown[]> => hub.people.run('SELECT lane FROM forward_parked');

  test('what a lane passes over comes later, in order and once, whatever is read meanwhile', async () => {
    const random = createRandom(7);
    const people = ['ada', 'bea'];
    const through: string[] = [];
    let mostBehind = 0;
    for (let round = 0; round < 12; round += 1) {
      for (let index = 0; index < 80; index += 1) {
        happen(random.below(10) < 8 ? 'ada' : 'bea', index % 9 === 0 ? { type: 'screen' } : {});
      }
      await plan();
      for (const person of people) expect(await waiting(person)).toBeLessThanOrEqual(mostPerLane);
      mostBehind = Math.max(mostBehind, (await behind()).length);
      const free = people.filter(() => random.below(10) < 5);
      through.push(...(await drain(random.below(90), ...free)));
      if (round % 4 === 3) hub = await hub.restart();
    }
    expect(mostBehind).toBeGreaterThan(0);
    for (let left = 0; left < 20; left += 1) {
      await plan();
      through.push(...(await drain(70, ...people)));
    }
    for (const person of people) {
      const own = hub.events.filter(({ profileId }) => profileId === profileOf(person));
      const expected = own.filter(({ record }) => record.type !== 'screen');
      expect(through.filter((name) => name.startsWith(person))).toEqual(
        expected.map(({ record }) => record.name),
      );
    }
    expect(await behind()).toEqual([]);
    expect(await books()).toMatchObject({ planned: through.length });
  });

  describe.each([false, true])(
    'after a restore, where repetitions are dropped: %s',
    (idempotent) => {
      test('what waited, was parked or was not read yet', async () => {
        await begin({}, { idempotent });
        for (let index = 0; index < mostPerLane + 20; index += 1) happen('ada');
        await plan();
        expect(await behind()).toHaveLength(20);
        happen('bea');
        const restoredAt = start + 1;
        hub = await hub.restart({ restoredAt });
        await hub.delivery.doubt('mail');
        await hub.delivery.doubt('mail');
        happen('bea', { receivedAt: restoredAt });
        await hub.settle();

        const before = mostPerLane + 21;
        const [inDoubt, delivered] = idempotent ? [0, before + 1] : [before, 1];
        expect(forwarded()).toHaveLength(delivered);
        expect(of('bea').at(-1)).toBe(`bea ${last}`);
        expect(await books()).toMatchObject({
          planned: before + 1,
          inDoubt,
          delivered,
          pending: 0,
        });
      });
    },
  );

  test('what is parked keeps its place, whatever is said of its visitor later', async () => {
    for (let index = 0; index < 150; index += 1) happen('ada');
    await plan();
    const names = hub.events.map(({ record }) => record.name);
    // Her user id is blocked by now, or was erased: by what is left she would be in another lane.
    for (const [place, event] of hub.events.entries()) {
      const identifiers = event.record.identifiers.slice(1);
      const record = { ...event.record, identifiers, subject: identifiers[0] };
      hub.events[place] = { ...event, record };
    }
    const through = await drain(mostPerLane, 'ada');
    await plan();
    through.push(...(await drain(mostPerLane, 'ada')));
    expect(through).toEqual(names);
    expect(await behind()).toEqual([]);
  });

  test('what was told as filtered in a dry run stays so, though the lane had more to send', async () => {
    const dryRun = async (on: boolean): Promise<void> => {
      const { clock, events } = hub;
      hub = await startHub(store, {
        clock,
        events,
        instances: [[settingsWith({ dryRun: on }), vendor]],
      });
    };
    for (let index = 0; index < 150; index += 1) happen('ada');
    await plan();
    await dryRun(true);
    for (let index = 0; index < 10; index += 1) happen('ada');
    await plan();
    await dryRun(false);
    happen('ada');
    const through: string[] = [];
    for (let turns = 0; turns < 4; turns += 1) {
      await plan();
      through.push(...(await drain(mostPerLane, 'ada')));
    }
    const names = hub.events.map(({ record }) => record.name);
    expect(through).toEqual([...names.slice(0, 150), ...names.slice(160)]);
    expect(await books()).toMatchObject({ planned: 161, filtered: 10 });
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

  const preferences = { name: 'Segment Consent Preference Updated' };
  const eraseStop = async (identifier: string): Promise<void> => {
    await hub.people.run(
      `INSERT INTO stop (identifier_hash, purpose, channel, number, at)
       VALUES ($1, '*', '*', 1, now())`,
      [hashOf(identifier)],
    );
  };

  test('a change of preferences is told though its own withdrawal is not resolved yet', async () => {
    happen('ada', preferences);
    await hub.people.stop('u:ada', start);
    await hub.settle();
    expect(forwarded()).toEqual([preferences.name]);
  });

  const announce = (of: string): Promise<void> => {
    void hub.latch.announce([{ identifierHash: hashOf('u:ada'), purpose: of, channel: '*' }]);
    return Promise.resolve();
  };

  test('a change of preferences stays where its person is being erased', async () => {
    happen('ada', preferences);
    await eraseStop('u:ada');
    happen('bea', preferences);
    await eraseStop('bea@example.com');
    await hub.settle();
    expect(forwarded()).toEqual([]);
    expect(await books()).toMatchObject({ planned: 2, filtered: 2, pending: 0 });
  });

  test('a change of preferences of somebody erased by now stays here', async () => {
    happen('ada', preferences);
    await plan();
    const [event] = hub.events;
    if (event) hub.events[0] = { ...event, profileId: null };
    await hub.settle();
    expect(forwarded()).toEqual([]);
    expect(await books()).toMatchObject({ planned: 1, filtered: 1, pending: 0 });
  });

  test('a change of preferences waits where its person is gone since it was read', async () => {
    happen('ada', preferences);
    await hub.people.erase('ada', ['ada@example.com'], start);
    await hub.settle();
    expect(forwarded()).toEqual([]);
    expect(await books()).toMatchObject({ planned: 1, filtered: 0, pending: 1 });
  });

  test.each([
    ['*', 0],
    [purpose, 1],
  ] as const)(
    'a change of preferences and a stop of %s after the gate: %i leave',
    async (of, left) => {
      happen('ada', preferences);
      await plan();
      const { open: openHold } = hub.latch;
      vi.spyOn(hub.latch, 'open').mockImplementation((question) => {
        const hold = openHold(question);
        // After the gate has looked, in the tick before the call.
        return {
          ...hold,
          dispatch(entries) {
            void announce(of);
            return hold.dispatch(entries);
          },
        };
      });
      await hub.delivery.sendOnce('mail');
      expect(vendor.events).toHaveLength(left);
    },
  );

  test('an event whose visitor has logged in since it was read is read again', async () => {
    await hub.people.person('visitor');
    happen('visitor');
    await hub.people.merge('bea', 'visitor');
    await hub.settle();
    expect(forwarded()).toEqual([]);
    expect(await books()).toMatchObject({ planned: 1, filtered: 0, pending: 1 });
    const [event] = hub.events;
    if (event) hub.events[0] = { ...event, profileId: profileOf('bea') };
    await hub.clock.advance(1_000);
    await hub.settle();
    expect(forwarded()).toEqual(['visitor 1']);
    expect(await books()).toMatchObject({ delivered: 1, filtered: 0, pending: 0 });
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
