// What a running hub does not take up leaves it as it was, and while it makes people anew only what is said
// of people waits.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangePlan } from '../../../core/src/change/plan.ts';
import { openEmbeddedStore } from '../../../core/src/store/embedded.ts';
import type { Store } from '../../../core/src/store/store.ts';
import { startSendgridFake, type SendgridFake } from '../../fakes/sendgrid/fake.ts';
import { isAtRest } from '../../support/hub-client.ts';
import { startHubInProcess, type HubInProcess } from '../../support/hub-in-process.ts';
import { templateFile } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';
import {
  createPerson,
  decide,
  environment,
  sendgridKey,
  shopConfig,
  subscribe,
  writeKey,
  type Person,
} from '../delivery/shop.ts';

let fake: SendgridFake;
let hub: HubInProcess;
let folds: Held;
const key = Buffer.alloc(32, 8).toString('base64');

beforeAll(async () => {
  fake = await startSendgridFake({ apiKey: sendgridKey });
  for (const list of ['Readers', 'Buyers']) fake.addList(list);
  folds = holdFolds(await openEmbeddedStore({ folder: 'memory:', template: templateFile() }));
  hub = await startHubInProcess({ config: shop({}), environment, writeKey, store: folds.store });
}, 120_000);
afterAll(async () => {
  folds.release();
  await hub.hub.stop();
  await fake.close();
});

interface Held {
  readonly store: Store;
  /** @param passes of that statement go through before one is held. */
  hold(statement: string, passes: number): void;
  release(): void;
  /** How often it was asked since. */
  asked(statement: string): number;
}

/** People who are made anew stand still before the first of them is. */
function holdFolds(inner: Store): Held {
  let held: PromiseWithResolvers<void> | undefined;
  let holds = { statement: '', passes: 0 };
  const asked = new Map<string, number>();
  const askedFor = (name: string): number => asked.get(name) ?? 0;
  return {
    store: {
      ...inner,
      async query(lane, statement, parameters) {
        const { name } = statement;
        asked.set(name, askedFor(name) + 1);
        if (name === holds.statement && askedFor(name) > holds.passes) await held?.promise;
        return inner.query(lane, statement, parameters);
      },
    },
    hold(statement, passes) {
      asked.clear();
      holds = { statement, passes };
      held = Promise.withResolvers();
    },
    release: () => held?.resolve(),
    asked: askedFor,
  };
}

/** The shop's config with other sections. */
function shop(change: Readonly<Record<string, object>>): string {
  const document = JSON.parse(shopConfig({ sendgridUrl: fake.url, key })) as Record<string, object>;
  const sections = Object.entries(change).map(([name, section]) => [
    name,
    { ...document[name], ...section },
  ]);
  return JSON.stringify({ ...document, ...Object.fromEntries(sections) });
}

const apply = (body: object = {}): Promise<unknown> => hub.call('POST', '/apply', body);
const members = (): readonly string[] => fake.members('Readers');

async function join(person: Person): Promise<void> {
  await hub.send([subscribe(person, true), decide(person, true)]);
}

async function isTold(people: readonly Person[]): Promise<void> {
  const addresses = people.map(({ email }) => email).toSorted();
  await waitUntil(
    async () =>
      JSON.stringify(members()) === JSON.stringify(addresses) &&
      isAtRest(await hub.destination('mail')),
    { what: 'the list to be told', describe: members },
  );
}

const nobody = { title: 'Nobody', rule: { event: 'Never' } };
const closed = { plugin: '../test/support/bad-plugins/closed-source.ts' };
const people: Person[] = [];
const oldest = { first_name: { merge: 'oldest' } };
const writeKeys = [{ key: 'a-key-of-the-newcomer', kind: 'server' }];

describe('refuses, and runs on by the config that it has:', () => {
  test.each<[string, () => string, RegExp]>([
    [
      'another port',
      () => shop({ hub: { http: { port: 1 } } }),
      /409: .*CHANGE_NEEDS_RESTART.*hub\.http\.port/,
    ],
    [
      'another store, along with what alone would do',
      () => shop({ hub: { store: { folder: 'elsewhere' } }, audiences: { readers: nobody } }),
      /409: .*CHANGE_NEEDS_RESTART.*hub\.store/,
    ],
    [
      'a source that does not open, along with what alone would do',
      () => shop({ sources: { closed }, audiences: { readers: nobody } }),
      /409: .*CHANGE_NOT_OPENED.*PLUGIN_\w+: closed: .*knows no such key/,
    ],
  ])('%s', { timeout: 60_000 }, async (_title, config, refusal) => {
    const before = await hub.call('GET', '/change');
    const [running, delivery] = [hub.hub.config, hub.hub.delivery];
    hub.configure(config());
    await expect(apply()).rejects.toThrow(refusal);
    await expect(hub.hub.changes.apply(undefined, 'signal')).rejects.toThrow(/runs on by/);
    expect(await hub.call('GET', '/change')).toEqual(before);
    expect(hub.hub.config).toBe(running);
    expect(hub.hub.delivery).toBe(delivery);
    expect(hub.hub.problems).toEqual([]);
    people.push(createPerson(people.length));
    await join(people.at(-1) ?? createPerson(0));
    await isTold(people);
  });

  test('a plan that somebody has edited', async () => {
    hub.configure(shop({ audiences: { readers: nobody } }));
    const plan = (await hub.call('POST', '/plan', {})) as ChangePlan;
    const edited = { ...plan, tolerance: { share: 1, people: 1_000 } };
    await expect(apply({ plan: edited })).rejects.toThrow(/409: .*PLAN_EDITED/);
    await expect(apply({ plan: { id: 'none' } })).rejects.toThrow(/40\d: .*REQUEST_INVALID/);
    expect(await hub.call('GET', '/change')).toMatchObject({ config: plan.running });
  });
});

test(
  'takes records while it makes people anew, and says nothing of people',
  { timeout: 120_000 },
  async () => {
    const [waiting, late] = [createPerson(90), createPerson(91)];
    await hub.call('POST', '/destinations/mail/pause');
    await join(waiting);
    await waitUntil(async () => (await hub.sizeOf('readers')) === people.length + 1, {
      what: 'somebody to wait for her delivery',
    });
    fake.clearJournal();
    hub.configure(shop({ traits: oldest }));
    expect(await hub.call('POST', '/plan', {})).toMatchObject({
      rules: ['traits'],
      peopleAnew: {},
    });
    // The change notes that people will be made anew, and what makes them notes it again.
    folds.hold('resolve.write_rules', 1);
    expect(await apply()).toMatchObject({ changed: true, peopleAnew: true });
    await waitUntil(
      async () => JSON.stringify(await hub.call('GET', '/change')).includes('"done"'),
      {
        what: 'people to be made anew',
      },
    );
    await hub.call('POST', '/destinations/mail/resume');
    await join(late);
    await expect(hub.call('GET', '/audiences/readers/members')).rejects.toThrow(
      /503: .*PEOPLE_BEING_MADE/,
    );
    expect(await hub.call('GET', '/audiences/readers')).toMatchObject({
      size: people.length + 1,
    });
    expect(members()).toHaveLength(people.length);
    expect(fake.journal.flatMap(({ keys }) => keys)).toEqual([]);

    folds.release();
    await isTold([...people, waiting, late]);
    expect(await hub.call('GET', '/change')).not.toHaveProperty('peopleAnew');
    expect(await hub.call('GET', '/audiences/readers/members')).toBeTruthy();
    // Nobody left on the way.
    const left = fake.journal.flatMap(({ keys }) =>
      keys.filter(({ action }) => action === 'remove' || action === 'delete'),
    );
    expect(left).toEqual([]);
  },
);

test('a changed rule that is taken back at once makes people anew all the same', async () => {
  const before = members();
  fake.clearJournal();
  folds.hold('resolve.count_log', 0);
  hub.configure(shop({}));
  expect(await apply()).toMatchObject({ changed: true, peopleAnew: true });
  await waitUntil(() => folds.asked('resolve.count_log') > 0, { what: 'the first to begin' });
  const looked = folds.asked('resolve.select_rules');
  hub.configure(shop({ traits: oldest }));
  const back = apply();
  await waitUntil(() => folds.asked('resolve.select_rules') > looked, {
    what: 'the second to look',
  });
  folds.release();
  expect(await back).toMatchObject({ changed: true, peopleAnew: true });
  await waitUntil(
    async () => !JSON.stringify(await hub.call('GET', '/change')).includes('"done"'),
    { what: 'people to be made' },
  );
  await join(createPerson(93));
  await waitUntil(() => members().length === before.length + 1, { what: 'deliveries to go on' });
  expect(members()).toEqual(expect.arrayContaining([...before]));
  const left = fake.journal.flatMap(({ keys }) =>
    keys.filter(({ action }) => action === 'remove' || action === 'delete'),
  );
  expect(left).toEqual([]);
});

test('of two changes the later one stands, however long the file of the first takes to be read', async () => {
  const slow = Promise.withResolvers<string>();
  hub.configure(slow.promise);
  const first = apply();
  await sleep(200);
  hub.configure(shop({ traits: oldest, audiences: { readers: nobody } }));
  const second = apply();
  await sleep(200);
  slow.resolve(shop({ traits: oldest }));
  await Promise.all([first, second]);
  expect(hub.hub.config.audiences.find(({ name }) => name === 'readers')).toMatchObject({
    title: 'Nobody',
  });
  hub.configure(shop({ traits: oldest }));
  await apply();
});

test('a source that comes or goes makes nobody anew, unless its records are in the log', async () => {
  const newcomer = {
    plugin: '@tributary/source-http',
    settings: { writeKeys },
    mount: '/newcomer',
  };
  hub.configure(shop({ traits: oldest, sources: { newcomer } }));
  expect(await hub.call('POST', '/plan', {})).not.toHaveProperty('peopleAnew');
  expect(await apply()).toMatchObject({ changed: true, peopleAnew: false });
  hub.configure(shop({ traits: oldest }));
  expect(await apply()).toMatchObject({ changed: true, peopleAnew: false });
  const trusted = { trust: { server: 'declared' } };
  const document = JSON.parse(shop({ traits: oldest })) as { sources: Record<string, object> };
  const [name = ''] = Object.keys(document.sources);
  const settings = document.sources[name];
  hub.configure(shop({ traits: oldest, sources: { [name]: { ...settings, ...trusted } } }));
  expect(await hub.call('POST', '/plan', {})).toHaveProperty('peopleAnew');
});

test('an operator has people made anew by a hub that runs', { timeout: 120_000 }, async () => {
  const size = await hub.sizeOf('readers');
  const before = members();
  fake.clearJournal();
  hub.configure(shop({ traits: oldest }));
  await apply();
  const rebuilt = (await hub.call('POST', '/rebuild')) as { events: number };
  expect(rebuilt.events).toBeGreaterThan(0);
  expect(await hub.call('GET', '/change')).not.toHaveProperty('peopleAnew');
  expect(await hub.sizeOf('readers')).toBe(size);
  await join(createPerson(92));
  await waitUntil(() => members().length === before.length + 1, { what: 'deliveries to go on' });
  const { items } = (await hub.call('GET', '/audit?limit=50')) as {
    items: { kind: string; actor: string }[];
  };
  const actorOf = (kind: string): string | undefined =>
    items.find((one) => one.kind === kind)?.actor;
  expect([actorOf('store.rebuild_asked'), actorOf('store.rebuilt')]).toEqual([
    expect.stringMatching(/^key:/),
    'rebuild',
  ]);
});
