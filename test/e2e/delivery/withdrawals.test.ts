// Nobody is pushed whose withdrawal was acknowledged: not while the rest of the hub stands still, not
// while pushes and withdrawals race, and not by a call that began before and hangs.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../core/src/observe/system-clock.ts';
import { startSendgridFake, type SendgridFake } from '../../fakes/sendgrid/fake.ts';
import { createHeldLane, type HeldLane } from '../../support/held-lane.ts';
import { startHubInProcess, type HubInProcess } from '../../support/hub-in-process.ts';
import { eachStore } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { pushesAfterNo, pushesOf } from './journal.ts';
import {
  consent,
  createPerson,
  decide,
  environment,
  identify,
  sendgridKey,
  shopConfig,
  subscribe,
  writeKey,
  type Person,
} from './shop.ts';

const upsert = { method: 'PUT', path: '/v3/marketing/contacts' } as const;
const slowMachine = { timeout: 240_000 };
const leaving = 1_000;
const staying = 300;

eachStore('withdrawals', (open) => {
  let fake: SendgridFake;
  let resolve: HeldLane;
  let client: HubInProcess;
  let clockIsBehind: number;

  beforeEach(async () => {
    fake = await startSendgridFake({ apiKey: sendgridKey });
    for (const list of ['Readers', 'Buyers']) fake.addList(list);
    resolve = createHeldLane(await open(), 'resolve');
    clockIsBehind = 0;
    client = await startHubInProcess({
      config: shopConfig({ sendgridUrl: fake.url, key: '${SHOP_KEY}' }),
      environment: { ...environment, SHOP_KEY: randomBytes(32).toString('base64') },
      writeKey,
      store: resolve.store,
      clock: { ...systemClock, now: () => systemClock.now() - clockIsBehind },
      tune: (settings) => ({
        ...settings,
        limits: { ...settings.limits, timeoutMs: 20_000, pollAfterMs: 50 },
        retry: { ...settings.retry, baseMs: 20, capMs: 200, breakerAfter: 1_000 },
      }),
    });
  }, 120_000);
  afterEach(async () => {
    resolve.release();
    await client.hub.stop();
    await fake.close();
  }, 60_000);

  /** By address: when the withdrawal had its answer. */
  async function withdraw(people: readonly Person[]): Promise<ReadonlyMap<string, number>> {
    await client.send(people.map((person) => consent(person, 'withdrawn')));
    const now = Date.now();
    return new Map(people.map(({ email }) => [email, now]));
  }

  async function withdrawByHundreds(people: readonly Person[]): Promise<Map<string, number>> {
    const batches = Array.from({ length: people.length / 100 }, (_, n) =>
      withdraw(people.slice(n * 100, n * 100 + 100)),
    );
    return new Map((await Promise.all(batches)).flatMap((batch) => [...batch]));
  }

  async function join(people: readonly Person[]): Promise<void> {
    for (let from = 0; from < people.length; from += 200) {
      const some = people.slice(from, from + 200);
      await client.send(some.flatMap((p) => [identify(p), decide(p, true), subscribe(p, true)]));
    }
  }

  test('a thousand at once while resolve stands still: not one push', slowMachine, async () => {
    const people = Array.from({ length: leaving + staying }, (_, place) => createPerson(place));
    const goers = people.slice(0, leaving);
    const stayers = people.slice(leaving).map(({ email }) => email);
    fake.script({ ...upsert, kind: 'status', status: 503, times: 1_000_000 });
    await join(people);
    await waitUntil(
      async () => {
        const [book] = (await client.destination('mail')).books;
        return (book?.planned ?? 0) >= people.length && pushesOf(fake.journal).length > 0;
      },
      { what: 'everybody to be on the way' },
    );

    await resolve.hold();
    // The vendor refuses while the first half withdraws, and takes all while the second half does.
    const refused = await withdrawByHundreds(goers.slice(0, leaving / 2));
    fake.clearFaults();
    fake.script({ ...upsert, kind: 'slow', milliseconds: 30, times: 1_000_000 });
    const raced = await withdrawByHundreds(goers.slice(leaving / 2));
    const acknowledged = new Map([...refused, ...raced]);
    expect(acknowledged.size).toBe(leaving);
    await waitUntil(() => stayers.every((email) => fake.members('Readers').includes(email)), {
      what: 'those who stay to be on the list',
    });
    await waitUntil(nothingDue, { what: 'delivery to be at rest' });
    expect(pushesAfterNo(fake.journal, acknowledged)).toEqual([]);
    const arrived = new Set(fake.contacts().map(({ key }) => key));
    expect([...refused.keys()].filter((email) => arrived.has(email))).toEqual([]);

    resolve.release();
    await waitUntil(() => fake.members('Readers').length === staying, {
      what: 'those who were too quick to be taken out again',
      describe: () => fake.members('Readers').length,
    });
    expect(fake.members('Readers')).toEqual(stayers.toSorted());
    expect(pushesAfterNo(fake.journal, acknowledged)).toEqual([]);
  });

  async function nothingDue(): Promise<boolean> {
    const { books } = await client.destination('mail');
    return books.every(({ pending, inDoubt }) => pending + inDoubt === 0);
  }

  test('a call that hangs before its push makes none after the answer', slowMachine, async () => {
    const [person, other] = [createPerson(1), createPerson(2)];
    const slow = fake.script({
      method: 'GET',
      path: '/v3/marketing/field_definitions',
      kind: 'slow',
      milliseconds: 5_000,
    });
    await join([person, other]);
    await waitUntil(() => slow.hits() > 0, { what: 'the call to hang', everyMs: 5 });
    const acknowledged = await withdraw([person]);
    expect(pushesOf(fake.journal)).toEqual([]);

    await waitUntil(() => fake.members('Readers').includes(other.email), {
      what: 'the other one to arrive all the same',
    });
    expect(fake.members('Readers')).toEqual([other.email]);
    expect(pushesAfterNo(fake.journal, acknowledged)).toEqual([]);
  });

  test.each([
    { when: 'a withdrawal is received', grantedAgo: 0, clock: 'right again' },
    { when: 'a withdrawal was received', grantedAgo: 120_000, clock: 'still behind' },
  ])(
    'a clock set back when $when, and $clock: she is not pushed',
    slowMachine,
    async ({ when, grantedAgo, clock }) => {
      const [person, other] = [createPerson(1), createPerson(2)];
      const timestamp = new Date(Date.now() - grantedAgo).toISOString();
      await client.send([identify(person), { ...decide(person, true), timestamp }]);
      if (when === 'a withdrawal is received') clockIsBehind = 45_000;
      const acknowledged = await withdraw([person]);
      clockIsBehind = clock === 'right again' ? 0 : 45_000;
      await client.send([subscribe(person, true)]);
      await client.send([identify(other), decide(other, true), subscribe(other, true)]);

      await waitUntil(() => fake.members('Readers').includes(other.email), {
        what: 'the other one to arrive',
      });
      expect(fake.members('Readers')).toEqual([other.email]);
      expect(pushesAfterNo(fake.journal, acknowledged)).toEqual([]);
    },
  );
});
