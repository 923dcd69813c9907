// Erasures while processes die: wherever a hub is killed, and whichever of two took the request in, the person
// is gone in the end from the store and from the vendor, and nobody else is.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { openEmbeddedStore } from '../../../core/src/store/embedded.ts';
import { openServerStore } from '../../../core/src/store/server.ts';
import { startSendgridFake, type SendgridFake } from '../../fakes/sendgrid/fake.ts';
import { createHubProcess, type HubProcess } from '../../support/hub-process.ts';
import { hasService, postgresUrl } from '../../support/services.ts';
import { dropSchema, freshSchema } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';
import {
  createPerson,
  decide,
  environment,
  order,
  sendgridKey,
  shopConfig,
  subscribe,
  writeKey,
  type Person,
} from '../delivery/shop.ts';
import { findTraces } from './town.ts';

const slow = { timeout: 300_000 };
const ending: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
}, 60_000);

async function startVendor(): Promise<SendgridFake> {
  const fake = await startSendgridFake({ apiKey: sendgridKey });
  ending.push(() => fake.close());
  for (const list of ['Readers', 'Buyers']) fake.addList(list);
  return fake;
}

async function startOne(config: string, more: Record<string, string> = {}): Promise<HubProcess> {
  const hub = await createHubProcess({
    config,
    environment: { ...environment, ...more },
    writeKey,
    logLevel: 'info',
  });
  ending.push(() => hub.dispose());
  await hub.start();
  return hub;
}

/** Somebody whose words can be told from anybody else's. */
function person(place: number): Person {
  return { ...createPerson(place), userId: `customer-${place}-of-many` };
}

function joins(people: readonly Person[]): object[] {
  return people.flatMap((one) => [decide(one, true), subscribe(one, true), order(one)]);
}

function listIs(fake: SendgridFake, people: readonly Person[]): Promise<void> {
  const wanted = people.map(({ email }) => email).toSorted();
  return waitUntil(() => fake.members('Readers').toSorted().join() === wanted.join(), {
    what: 'the list to be right',
    withinMs: 120_000,
    describe: () => fake.members('Readers'),
  });
}

/** As an operator would: anew until somebody answers. */
async function call(hub: HubProcess, key: string, path: string, body?: object): Promise<unknown> {
  let answer: unknown;
  await waitUntil(
    async () => {
      try {
        const response = await fetch(`${hub.url}/api${path}`, {
          method: body === undefined ? 'GET' : 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        if (!response.ok) return false;
        answer = await response.json();
        return true;
      } catch {
        return false;
      }
    },
    { what: `an answer to ${path}`, withinMs: 120_000 },
  );
  return answer;
}

async function erase(hub: HubProcess, key: string, one: Person): Promise<string> {
  const identifiers = [{ namespace: 'user_id', value: one.userId }];
  const asked = await call(hub, key, '/privacy-requests/erasures', { identifiers });
  return (asked as { id: string }).id;
}

function isDone(hub: HubProcess, key: string, id: string): Promise<void> {
  return waitUntil(
    async () => {
      const request = await call(hub, key, `/privacy-requests/${id}`);
      return (request as { state: string }).state === 'done';
    },
    { what: 'the erasure to be done', withinMs: 120_000 },
  );
}

const textsOf = ({ userId, email }: Person): string[] => [userId, email];

test('a hub that is killed again and again carries an erasure out', slow, async () => {
  const fake = await startVendor();
  const hub = await startOne(shopConfig({ sendgridUrl: fake.url }));
  const people = Array.from({ length: 12 }, (_, place) => person(place));
  await hub.send(joins(people));
  await listIs(fake, people);
  const [ada, ...others] = people as [Person, ...Person[]];
  const key = hub.adminKey;
  const id = await erase(hub, key, ada);
  // From the acknowledgement on: right away, and then further and further into the work.
  for (const afterMs of [0, 300, 1_200]) {
    await sleep(afterMs);
    await hub.kill();
    await hub.start();
  }
  await isDone(hub, key, id);
  await listIs(fake, others);
  expect(fake.erased()).toContain(ada.email);
  expect(fake.erased()).not.toContain(others[0]?.email);
  // A stale copy of hers stays out after all that, too.
  await hub.send(
    joins([ada]).map((message) => ({ ...message, timestamp: '2020-01-01T00:00:00Z' })),
  );
  await hub.stop();
  const store = await openEmbeddedStore({ folder: join(hub.folder, 'data') });
  ending.push(() => store.close());
  expect(await findTraces(store, textsOf(ada))).toEqual([]);
  expect(await findTraces(store, textsOf(others[0] as Person))).toContain('identifier.value');
});

describe.skipIf(!(await hasService('postgres')))('of two processes on one store', () => {
  test('either takes a request in, and who is left carries it out', slow, async () => {
    const fake = await startVendor();
    const schema = freshSchema();
    ending.push(() => dropSchema(schema));
    const config = JSON.parse(shopConfig({ sendgridUrl: fake.url, key: '${SHOP_KEY}' }));
    config.hub.store = { url: '${SHOP_STORE}', schema };
    const more = {
      SHOP_STORE: postgresUrl,
      SHOP_KEY: Buffer.alloc(32, 7).toString('base64'),
    };
    const owner = await startOne(JSON.stringify(config), more);
    const other = await startOne(JSON.stringify(config), more);
    const key = owner.adminKey;
    const people = Array.from({ length: 20 }, (_, place) => person(place));
    const [ada, ben, ...rest] = people as [Person, Person, ...Person[]];
    await Promise.all([
      owner.send(joins(people.slice(0, 10))),
      other.send(joins(people.slice(10))),
    ]);
    await listIs(fake, people);

    // One asked of the process that does not work, the other of the one that does, which then dies; both go
    // on taking records in meanwhile.
    const asked = await Promise.all([
      erase(other, key, ada),
      erase(owner, key, ben),
      other.send(joins(rest.slice(0, 5))),
      owner.send(joins(rest.slice(5, 10))),
    ]);
    await sleep(200);
    await owner.kill();
    await isDone(other, key, asked[0]);
    await isDone(other, key, asked[1]);
    await listIs(fake, rest);
    expect(fake.erased()).toEqual(expect.arrayContaining([ada.email, ben.email]));
    expect(fake.erased()).not.toContain(rest[0]?.email);
    const store = await openServerStore({ connectionString: postgresUrl, schema, poolSize: 2 });
    ending.push(() => store.close());
    expect(await findTraces(store, [...textsOf(ada), ...textsOf(ben)])).toEqual([]);
    expect(await findTraces(store, textsOf(rest[0] as Person))).toContain('identifier.value');
  });
});
