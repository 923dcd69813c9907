// Two hubs on one PostgreSQL, as while one version replaces another: both take records in, one delivers.
// When that one is killed the other goes on; and what one acknowledged, a call of the other respects.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSendgridFake, type SendgridFake } from '../fakes/sendgrid/fake.ts';
import { createHubProcess, type HubProcess } from '../support/hub-process.ts';
import { hasService, postgresUrl } from '../support/services.ts';
import { dropSchema, freshSchema } from '../support/stores.ts';
import { waitUntil } from '../support/wait-until.ts';
import { pushesAfterNo } from './delivery/journal.ts';
import {
  createPerson,
  decide,
  environment,
  sendgridKey,
  shopConfig,
  subscribe,
  writeKey,
  type Person,
} from './delivery/shop.ts';

const upsert = { method: 'PUT', path: '/v3/marketing/contacts' } as const;

describe.skipIf(!(await hasService('postgres')))('two processes on one store', () => {
  const schema = freshSchema();
  let fake: SendgridFake;
  let hubs: HubProcess[] = [];

  beforeAll(async () => {
    fake = await startSendgridFake({ apiKey: sendgridKey });
    for (const list of ['Readers', 'Buyers']) fake.addList(list);
    const config = JSON.parse(shopConfig({ sendgridUrl: fake.url, key: '${SHOP_KEY}' }));
    config.hub.store = { url: '${SHOP_STORE}', schema };
    hubs = await Promise.all(
      [1, 2].map(() =>
        createHubProcess({
          config: JSON.stringify(config),
          environment: {
            ...environment,
            SHOP_STORE: postgresUrl,
            SHOP_KEY: Buffer.alloc(32, 7).toString('base64'),
          },
          writeKey,
          logLevel: 'info',
        }),
      ),
    );
    for (const hub of hubs) await hub.start();
  }, 180_000);
  afterAll(async () => {
    for (const hub of hubs) await hub.dispose();
    await dropSchema(schema);
    await fake.close();
  }, 60_000);

  const isOnDuty = (hub: HubProcess): boolean => hub.output().includes('this process is on duty');
  const join = (hub: HubProcess, people: readonly Person[]): Promise<void> =>
    hub.send(people.flatMap((person) => [decide(person, true), subscribe(person, true)]));
  const listIs = (people: readonly Person[]) =>
    waitUntil(
      () => {
        const wanted = people.map(({ email }) => email).toSorted();
        return fake.members('Readers').toSorted().join() === wanted.join();
      },
      { what: 'the list to be right', describe: () => fake.members('Readers') },
    );

  test('both take in, one delivers, and the other goes on', { timeout: 240_000 }, async () => {
    const [one, two] = [hubs[0] as HubProcess, hubs[1] as HubProcess];
    expect([isOnDuty(one), isOnDuty(two)]).toEqual([true, false]);
    const people = Array.from({ length: 60 }, (_, place) => createPerson(place));
    await Promise.all([join(one, people.slice(0, 30)), join(two, people.slice(30, 50))]);
    await listIs(people.slice(0, 50));

    // The one has slow calls under way while the other is told no.
    fake.script({ ...upsert, kind: 'slow', milliseconds: 400, times: 1_000 });
    await join(one, people.slice(50));
    const leaving = people.slice(50, 55);
    const acknowledged = new Map<string, number>();
    for (const person of leaving) {
      await two.send([decide(person, false)]);
      acknowledged.set(person.email, Date.now());
      await sleep(50);
    }
    expect(pushesAfterNo(fake.journal, acknowledged)).toEqual([]);
    fake.clearFaults();

    await one.kill();
    const late = createPerson(60);
    await join(two, [late]);
    const staying = people.filter((person) => !leaving.includes(person));
    await waitUntil(() => isOnDuty(two), { what: 'the other to be on duty', withinMs: 60_000 });
    await listIs([...staying, late]);
    expect(pushesAfterNo(fake.journal, acknowledged)).toEqual([]);
  });

  test('one that stops in peace hands over at once', { timeout: 240_000 }, async () => {
    const [one, two] = [hubs[0] as HubProcess, hubs[1] as HubProcess];
    await one.start();
    expect(await two.stop()).toBe(0);
    const person = createPerson(70);
    await join(one, [person]);
    await waitUntil(() => fake.members('Readers').includes(person.email), {
      what: 'it to deliver',
    });
  });
});
