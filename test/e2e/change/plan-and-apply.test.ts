// What a plan says is what then happens at the vendor; what has drifted, is invalid or cannot change
// while the hub runs is refused, and the hub runs on as it was.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ChangePlan } from '../../../core/src/change/plan.ts';
import { startSendgridFake, type SendgridFake } from '../../fakes/sendgrid/fake.ts';
import { isAtRest } from '../../support/hub-client.ts';
import { startHubInProcess, type HubInProcess } from '../../support/hub-in-process.ts';
import { eachStore } from '../../support/stores.ts';
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

const slowMachine = { timeout: 240_000 };
const lists = ['Readers', 'Buyers', 'Others'];
const readers = { title: 'Readers', rule: { trait: 'newsletter', is: true } };
const buyers = { title: 'Buyers', rule: { event: 'Order Completed' } };
/** Readers who buy stay, the others leave; whoever reads nothing comes in, unseen until now. */
const changed = {
  readers: {
    title: 'Readers who buy',
    rule: { all: [readers.rule, buyers.rule] },
  },
  buyers,
  others: { title: 'Others', rule: { not: readers.rule } },
};
const syncs = [
  { audience: 'readers', list: 'Readers', traits: { first_name: 'first_name' } },
  { audience: 'buyers', list: 'Buyers' },
];

eachStore('a changed config', (open) => {
  let fake: SendgridFake;
  let hub: HubInProcess;
  let people: Person[];
  const shop = (more: Partial<Parameters<typeof shopConfig>[0]> = {}): string =>
    shopConfig({ sendgridUrl: fake.url, key: '${SHOP_KEY}', ...more });
  const withOthers = (): string =>
    shop({
      audiences: changed,
      destination: { audiences: [...syncs, { audience: 'others', list: 'Others' }] },
    });

  beforeEach(async () => {
    fake = await startSendgridFake({ apiKey: sendgridKey });
    for (const list of lists) fake.addList(list);
    hub = await startHubInProcess({
      config: shop(),
      environment: { ...environment, SHOP_KEY: randomBytes(32).toString('base64') },
      writeKey,
      store: await open(),
    });
    people = Array.from({ length: 24 }, (_, place) => createPerson(place));
    // Every second one reads, every third one buys, every fourth one has never agreed.
    await hub.send(
      people.flatMap((person, place) => [
        subscribe(person, place % 2 === 0),
        ...(place % 3 === 0 ? [order(person)] : []),
        ...(place % 4 === 3 ? [] : [decide(person, true)]),
      ]),
    );
    await settle({ Readers: places(isReader), Buyers: places(isBuyer), Others: [] });
  }, 120_000);
  afterEach(async () => {
    await hub.hub.stop();
    await fake.close();
  }, 60_000);

  const isReader = (place: number): boolean => place % 2 === 0;
  const isBuyer = (place: number): boolean => place % 3 === 0;
  /** Of people who agreed. */
  const places = (isMember: (place: number) => boolean): string[] =>
    people
      .filter(({ granted }, place) => granted && isMember(place))
      .map(({ email }) => email)
      .toSorted();
  const found = (): Record<string, readonly string[]> =>
    Object.fromEntries(lists.map((list) => [list, fake.members(list)]));

  async function settle(expected: object): Promise<void> {
    await waitUntil(
      async () =>
        JSON.stringify(found()) === JSON.stringify(expected) &&
        isAtRest(await hub.destination('mail')),
      { what: `the lists to be ${JSON.stringify(expected)}`, describe: found },
    );
  }

  const plan = async (body: object = {}): Promise<ChangePlan> =>
    (await hub.call('POST', '/plan', body)) as ChangePlan;
  const apply = (body: object = {}): Promise<unknown> => hub.call('POST', '/apply', body);

  test('does at the vendor what its plan said, to the person', slowMachine, async () => {
    hub.configure(withOthers());
    const made = await plan();
    expect(made).toMatchObject({
      audiences: { added: ['others'], changed: ['readers'], removed: [] },
      destinations: { changed: ['mail'] },
      restart: [],
    });
    const [effect] = made.effects;
    // 12 read, of whom 4 buy; 12 do not read, of whom 6 have never agreed.
    expect(
      effect?.lists.map(({ list, added, removed, updated }) => [list, added, removed, updated]),
    ).toEqual([
      ['Readers', 0, 8, 0],
      ['Buyers', 0, 0, 0],
      ['Others', 6, 0, 0],
    ]);
    expect(effect).toMatchObject({
      newlyShown: 4,
      withheld: 6,
      unreachable: 0,
      purposes: [{ purpose: 'email_marketing', lacking: 6 }],
      fields: { added: ['list Others: members of others'], removed: [] },
    });
    const shownBefore = new Set(Object.values(found()).flat());
    const readersBefore = found()['Readers'] ?? [];
    fake.clearJournal();
    expect(await apply({ plan: made })).toMatchObject({ changed: true, peopleAnew: false });
    const staying = places((place) => isReader(place) && isBuyer(place));
    const others = places((place) => !isReader(place));
    await settle({ Readers: staying, Buyers: places(isBuyer), Others: others });
    const shown = new Set(fake.journal.flatMap(({ keys }) => keys.map(({ key }) => key)));
    expect(others.filter((address) => !shownBefore.has(address))).toHaveLength(4);
    expect([...shown].filter((key) => key.includes('@') && !shownBefore.has(key))).toHaveLength(4);
    expect(readersBefore.filter((address) => !staying.includes(address))).toHaveLength(8);
    expect(await plan()).toMatchObject({ running: made.next, next: made.next, effects: [] });
  });
});
