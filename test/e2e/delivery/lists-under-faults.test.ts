// Whatever goes wrong between the hub and the vendor, the lists end up equal to the audiences, minus
// those without a grant, and nobody is pushed whose withdrawal was acknowledged before. One hub and one
// vendor live through all of it, so each test ends with everybody of the tests before in place.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startSendgridFake, type SendgridFake } from '../../fakes/sendgrid/fake.ts';
import type { Fault } from '../../fakes/sendgrid/faults.ts';
import { isAtRest, isBalanced } from '../../support/hub-client.ts';
import { createHubProcess, type HubProcess } from '../../support/hub-process.ts';
import { createRandom, type Random } from '../../support/random.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { pushesAfterNo } from './journal.ts';
import {
  createPerson,
  decide,
  environment,
  expectedMembers,
  familyAddress,
  identify,
  order,
  sendgridKey,
  shopConfig,
  subscribe,
  writeKey,
  type Person,
} from './shop.ts';

let fake: SendgridFake;
let hub: HubProcess;
const everybody: Person[] = [];
/** By address: when a withdrawal had its answer. */
const acknowledged = new Map<string, number>();

beforeAll(async () => {
  fake = await startSendgridFake({ apiKey: sendgridKey });
  for (const list of ['Readers', 'Buyers']) fake.addList(list);
  const config = shopConfig({ sendgridUrl: fake.url });
  hub = await createHubProcess({ config, environment, writeKey });
  await hub.start();
}, 180_000);
afterEach(() => fake.clearFaults());
afterAll(async () => {
  await hub.dispose();
  await fake.close();
});

const contacts = '/v3/marketing/contacts';
const upsert = { method: 'PUT', path: contacts } as const;
const removal = { method: 'DELETE', path: '/v3/marketing/lists/*' } as const;
const search = { method: 'POST', path: `${contacts}/search/emails` } as const;
const slowMachine = { timeout: 240_000 };

function newPeople(count: number): Person[] {
  const people = Array.from({ length: count }, (_, n) => createPerson(everybody.length + n));
  everybody.push(...people);
  return people;
}

function join(person: Person): readonly object[] {
  return [identify(person), decide(person, true), subscribe(person, true)];
}

function expected(): object {
  return {
    Readers: expectedMembers(everybody, ({ reads }) => reads),
    Buyers: expectedMembers(everybody, ({ buys }) => buys),
  };
}

function found(): object {
  return { Readers: fake.members('Readers'), Buyers: fake.members('Buyers') };
}

/** Equal, with nothing under way that could change it again, and every change accounted for. */
async function settle(): Promise<void> {
  const wanted = JSON.stringify(expected());
  await waitUntil(
    async () => JSON.stringify(found()) === wanted && isAtRest(await hub.destination('mail')),
    { what: `the lists to be ${wanted}`, everyMs: 200, describe: found },
  );
  const { books, openDeadLetters } = await hub.destination('mail');
  expect(openDeadLetters).toBe(0);
  expect(books.filter((book) => !isBalanced(book))).toEqual([]);
  expect(found()).toEqual(expected());
  expect(pushesAfterNo(fake.journal, acknowledged)).toEqual([]);
}

async function withdraw(people: readonly Person[]): Promise<void> {
  await hub.send(people.map((person) => decide(person, false)));
  for (const { email } of people) acknowledged.set(email, Date.now());
}

const storms: readonly Fault[] = [
  { ...upsert, kind: 'rate-limited', times: 3 },
  { ...upsert, kind: 'status', status: 500, times: 2 },
  { ...upsert, kind: 'cut-answer', times: 2 },
  { ...upsert, kind: 'lost-answer' },
  { ...upsert, kind: 'unknown-answer' },
  { ...upsert, kind: 'reset' },
  { ...removal, kind: 'status', status: 503 },
  { ...removal, kind: 'lost-answer' },
  { ...removal, kind: 'rate-limited' },
  { ...search, kind: 'status', status: 502, times: 2 },
  { ...search, kind: 'cut-answer' },
  { method: 'GET', path: `${contacts}/imports/*`, kind: 'status', status: 500, times: 2 },
];

/** Half of the people change something. Who withdrew stays away: the journal is judged by that. */
function change(people: readonly Person[], random: Random): readonly object[] {
  return people.flatMap((person) => {
    switch (random.below(6)) {
      case 0:
        return [subscribe(person, !person.reads)];
      case 1:
        return [order(person)];
      case 2:
        return person.granted || acknowledged.has(person.email) ? [] : [decide(person, true)];
      default:
        return [];
    }
  });
}

test('storms, lost answers and a kill: lists equal the audiences', slowMachine, async () => {
  const random = createRandom(7);
  const people = newPeople(90);
  await hub.send(people.flatMap((person) => [identify(person), subscribe(person, true)]));
  await hub.send(people.filter(() => random.below(4) > 0).map((person) => decide(person, true)));
  const scripts = storms.map((fault) => fake.script(fault));
  for (let round = 0; round < 4; round += 1) {
    await hub.send(change(people, random));
    await withdraw(people.filter(({ granted }) => granted && random.below(12) === 0));
    await sleep(600);
    if (round !== 2) continue;
    await hub.kill();
    await hub.start();
  }

  await settle();

  await withdraw(people.filter(({ granted, reads }) => granted && reads && random.below(4) === 0));
  await hub.send(people.filter(() => random.below(3) === 0).map((p) => subscribe(p, !p.reads)));
  await settle();
  expect(acknowledged.size).toBeGreaterThan(10);
  expect(scripts.filter(({ hits }) => hits() === 0).map(({ fault }) => fault)).toEqual([]);
});

test('a kill between request and commit: nobody is left behind', slowMachine, async () => {
  const [leaver, unsubscriber, ...others] = newPeople(30);
  if (leaver === undefined || unsubscriber === undefined) throw new Error('nobody');
  const slow = fake.script({ ...upsert, kind: 'slow', milliseconds: 900, times: 2 });
  await hub.send([leaver, unsubscriber, ...others].flatMap(join));
  await waitUntil(() => slow.hits() > 0, { what: 'a request to be under way', everyMs: 5 });
  await hub.kill();
  const pending = fake.journal.filter(({ fault }) => fault === 'slow');
  expect(pending.map(({ effect, keys }) => effect && keys.length > 0)).not.toContain(false);

  await hub.start();
  await withdraw([leaver]);
  await hub.send([subscribe(unsubscriber, false)]);
  await settle();
});

test('a withdrawal during an addition that timed out', slowMachine, async () => {
  const people = newPeople(5);
  const [first, second] = people;
  if (first === undefined || second === undefined) throw new Error('nobody');
  const lost = fake.script({ ...upsert, kind: 'lost-answer', times: 3 });
  await hub.send(people.flatMap(join));
  await waitUntil(() => lost.hits() > 0, { what: 'an answer to be lost', everyMs: 5 });
  // While the answer is waited for, and once more while the request is being repeated.
  await withdraw([first]);
  await waitUntil(() => lost.hits() > 1, { what: 'the request to be repeated', everyMs: 5 });
  await withdraw([second]);

  await settle();
  expect(fake.members('Readers')).toEqual(expect.arrayContaining([people[2]?.email]));
  expect(fake.members('Readers')).not.toContain(first.email);
});

test('an address that two people hold stays while one may be reached', slowMachine, async () => {
  const mother = createPerson(1_000, familyAddress);
  const father = createPerson(1_001, familyAddress);
  everybody.push(mother, father);
  await hub.send([...join(mother), ...join(father), order(father)]);
  await settle();

  await hub.send([subscribe(mother, false)]);
  await settle();
  expect(fake.members('Readers')).toContain(familyAddress);

  fake.script({ ...removal, kind: 'lost-answer' });
  await hub.send([decide(father, false)]);
  await settle();
  expect(fake.members('Buyers')).not.toContain(familyAddress);
});

test('what others put on a list is left alone', slowMachine, async () => {
  const [person] = newPeople(1);
  if (person === undefined) throw new Error('nobody');
  const stranger = 'stranger@example.com';
  const list = fake.lists().find(({ name }) => name === 'Readers');
  await fetch(`${fake.url}${contacts}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${sendgridKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ list_ids: [list?.id], contacts: [{ email: stranger }] }),
  });
  await hub.send(join(person));
  const isThere = (email: string): boolean => fake.members('Readers').includes(email);
  await waitUntil(() => isThere(person.email), { what: 'her to be on the list' });
  await withdraw([person]);
  await waitUntil(() => !isThere(person.email), { what: 'her to be off the list' });
  expect(isThere(stranger)).toBe(true);
});
