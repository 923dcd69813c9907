// A mail on entry goes out when somebody enters an audience, once: whatever is repeated, lost, killed,
// rebuilt, edited or filled in later.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startSendgridFake, type SendgridFake } from '../../fakes/sendgrid/fake.ts';
import { createHubProcess, type HubProcess } from '../../support/hub-process.ts';
import { waitUntil } from '../../support/wait-until.ts';
import {
  consent,
  createPerson,
  environment,
  familyAddress,
  identify,
  sendgridKey,
  shopConfig,
  track,
  writeKey,
  type Person,
} from './shop.ts';

let fake: SendgridFake;
let hub: HubProcess;
let people = 0;

const day = 86_400_000;
const send = { method: 'POST', path: '/v3/mail/send' } as const;
const slowMachine = { timeout: 240_000 };
const carts = {
  title: 'Something in the cart',
  rule: { all: [{ trait: 'cart', is: true }] },
};
const mail = (audience: string): object => ({
  action: 'mail',
  audience,
  parameters: { templateId: `d-${audience}` },
});

/** One audience by a trait, one by an event of all time, one by an event of the last seconds. */
const audiences = {
  carts,
  buyers: { title: 'Buyers', rule: { event: 'Order Completed' } },
  visitors: { title: 'Here just now', rule: { event: 'Product Viewed', within: '2s' } },
};

function config(more: { audiences?: object; actions?: readonly object[] } = {}): string {
  return shopConfig({
    sendgridUrl: fake.url,
    audiences: more.audiences ?? audiences,
    destination: {
      audiences: [],
      actions: more.actions ?? [mail('carts'), mail('buyers'), mail('visitors')],
    },
  });
}

beforeAll(async () => {
  fake = await startSendgridFake({ apiKey: sendgridKey });
  hub = await createHubProcess({ config: config(), environment, writeKey });
  await hub.start();
}, 180_000);
afterEach(() => fake.clearFaults());
afterAll(async () => {
  await hub.dispose();
  await fake.close();
});

async function newPerson(email?: string): Promise<Person> {
  const person = createPerson((people += 1), email);
  await hub.send([identify(person), consent(person, 'granted')]);
  return person;
}

function cart(person: Person, isFull: boolean): object {
  return identify(person, { cart: isFull });
}

function mailsTo({ email }: Person): readonly (string | null)[] {
  return fake.mails().flatMap(({ to, templateId }) => (to === email ? [templateId] : []));
}

function requestsTo({ email }: Person): number {
  const isHers = ({ key, action }: { key: string; action: string }): boolean =>
    key === email && action === 'mail';
  return fake.journal.filter(({ keys }) => keys.some(isHers)).length;
}

/** Everything that was sent so far is planned, and nothing of it is on its way any more. */
async function rest(): Promise<void> {
  await waitUntil(
    async () => {
      const { lag, books } = await hub.destination('mail');
      return lag === 0 && books.every(({ pending }) => pending === 0);
    },
    { what: 'delivery to be at rest' },
  );
}

/** Proves that actions before this one have had their turn: one that must go out has gone out. */
async function passMarker(): Promise<void> {
  const marker = await newPerson();
  await hub.send([cart(marker, true)]);
  await waitUntil(() => mailsTo(marker).length === 1, { what: 'a mail after it' });
  await rest();
}

test('one mail on entry; none for what is repeated within the cool-down', slowMachine, async () => {
  const person = await newPerson();
  const entry = cart(person, true);
  await hub.send([entry]);
  await waitUntil(() => mailsTo(person).length > 0, { what: 'the mail' });
  await hub.send([entry, entry]);
  await hub.send([cart(person, false)]);
  await hub.send([cart(person, true)]);
  await passMarker();
  expect(mailsTo(person)).toEqual(['d-carts']);
});

test(
  'refused by limits and failures that surely had no effect: sent later',
  slowMachine,
  async () => {
    const person = await newPerson();
    fake.script({ ...send, kind: 'rate-limited' });
    fake.script({ ...send, kind: 'status', status: 503 });
    await hub.send([cart(person, true)]);
    await waitUntil(() => mailsTo(person).length > 0, { what: 'the mail' });
    await passMarker();
    expect(mailsTo(person)).toEqual(['d-carts']);
    expect(requestsTo(person)).toBe(3);
  },
);

test.each([
  ['a lost answer', { kind: 'lost-answer' }],
  ['half an answer', { kind: 'cut-answer' }],
  ['a failure that may have had an effect', { kind: 'status', status: 500 }],
  ['a broken connection', { kind: 'reset' }],
] as const)('after %s: in doubt, never sent again', slowMachine, async (_, fault) => {
  const person = await newPerson();
  fake.script({ ...send, ...fault });
  await hub.send([cart(person, true)]);
  await waitUntil(() => requestsTo(person) > 0, { what: 'the request' });
  await passMarker();
  expect(requestsTo(person)).toBe(1);
});

test('no grant, or taken back on the way: no mail', slowMachine, async () => {
  const [silent, leaver] = [createPerson((people += 1)), await newPerson()];
  await hub.send([cart(silent, true)]);
  await hub.call('POST', '/destinations/mail/pause');
  await hub.send([cart(leaver, true)]);
  await waitUntil(
    async () => (await hub.destination('mail')).books.some(({ pending }) => pending > 0),
    { what: 'her mail to be planned' },
  );
  await hub.send([consent(leaver, 'withdrawn')]);
  await hub.call('POST', '/destinations/mail/resume');
  await passMarker();
  expect([requestsTo(silent), requestsTo(leaver)]).toEqual([0, 0]);
});

test('an address that two people hold gets one mail', slowMachine, async () => {
  const [mother, father] = [await newPerson(familyAddress), await newPerson(familyAddress)];
  await hub.send([cart(mother, true), cart(father, true)]);
  await waitUntil(() => mailsTo(mother).length > 0, { what: 'the mail' });
  await hub.send([cart(mother, false)]);
  await passMarker();
  expect(mailsTo(mother)).toEqual(['d-carts']);
});

test('a back-fill builds audiences and sends nothing', slowMachine, async () => {
  const person = await newPerson();
  const timestamp = new Date(Date.now() - 2 * day).toISOString();
  await hub.send([{ ...track(person, 'Order Completed'), timestamp }]);
  await waitUntil(async () => (await hub.sizeOf('buyers')) === 1, { what: 'her to be a buyer' });
  await passMarker();
  expect(requestsTo(person)).toBe(0);
});

test('a kill between request and commit, and a stay that ends meanwhile', slowMachine, async () => {
  const [person, visitor] = [await newPerson(), await newPerson()];
  const slow = fake.script({ ...send, kind: 'slow', milliseconds: 900 });
  await hub.send([cart(person, true)]);
  await waitUntil(() => slow.hits() > 0, { what: 'the request to be under way', everyMs: 5 });
  await hub.call('POST', '/destinations/mail/pause');
  await hub.send([track(visitor, 'Product Viewed')]);
  await hub.kill();
  await sleep(2_500);

  await hub.start();
  await hub.call('POST', '/destinations/mail/resume');
  await passMarker();
  expect(mailsTo(person)).toEqual(['d-carts']);
  expect(requestsTo(person)).toBe(1);
  expect(requestsTo(visitor)).toBe(0);
});

test('neither a rebuild nor an edit nor a new action mails who is there', slowMachine, async () => {
  const outsider = await newPerson();
  await hub.send([identify(outsider, { wishes: 3 })]);
  await rest();
  const before = fake.mails().length;
  expect(await hub.stop()).toBe(0);
  expect(await hub.command('rebuild')).toMatchObject({ code: 0 });

  const wider = { ...carts, rule: { any: [carts.rule, { trait: 'wishes', atLeast: 1 }] } };
  const everybody = { title: 'Everybody', rule: { has: 'email' } };
  await hub.configure(
    config({
      audiences: { ...audiences, carts: wider, everybody },
      actions: [mail('carts'), mail('buyers'), mail('visitors'), mail('everybody')],
    }),
  );
  await hub.start();
  await waitUntil(async () => (await hub.sizeOf('everybody')) > people - 1, {
    what: 'the new audience to be computed',
  });
  const newcomer = await newPerson();
  await waitUntil(() => mailsTo(newcomer).length > 0, { what: 'the mail to who comes now' });
  await rest();
  expect(mailsTo(newcomer)).toEqual(['d-everybody']);
  expect(requestsTo(outsider)).toBe(0);
  expect(fake.mails().length).toBe(before + 1);
});

test('in the end nobody has had the same mail twice', () => {
  const mails = fake.mails().map(({ to, templateId }) => `${templateId ?? ''} to ${to}`);
  expect(mails.length).toBeGreaterThan(people / 2);
  expect(mails.toSorted()).toEqual([...new Set(mails)].toSorted());
});
