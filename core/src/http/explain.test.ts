// Why: over the hub as it is composed, on both stores. Each question is asked about people of whom one
// thing is so and another is not.
import { defineDestination, defineSource, type SourceRecord } from '@tributary/sdk';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { eachStore } from '../../../test/support/stores.ts';
import { ownConfigFile } from '../../../test/support/own-config-file.ts';
import { loadConfig } from '../config/load-config.ts';
import { startHub, type Hub } from '../hub.ts';
import { createLogger } from '../observe/logger.ts';

const yaml = `
tributary: 1
purposes: { email_marketing: News }
traits:
  plan: { merge: source_priority, sources: [billing, shop] }
  stars: { type: number, merge: max }
computed:
  orders: { event: Order Completed, count: true }
audiences:
  buyers:
    rule:
      all:
        - { event: Order Completed, within: 30d, count: { atLeast: 2 } }
        - { trait: plan, is: pro }
sources:
  shop: { plugin: a-shop }
  billing: { plugin: a-shop }
destinations:
  mail:
    plugin: a-mailer
    purposes: [email_marketing]
    audiences: [{ audience: buyers, list: Buyers }]
`;

const shop = defineSource({
  name: 'a-shop',
  title: 'A shop',
  settings: { type: 'object', additionalProperties: false },
  http: {
    paths: ['/records'],
    handle: ({ request }) => ({
      records: JSON.parse(Buffer.from(request.rawBody).toString()),
      respond: (receipt) => ({ status: 200, body: JSON.stringify(receipt) }),
    }),
  },
});

/** Refuses Grace, for ever. */
const mailer = defineDestination({
  name: 'a-mailer',
  title: 'A mailer',
  settings: { type: 'object', additionalProperties: false },
  identifiers: ['email'],
  channel: 'email',
  audiences: {
    mode: 'mirror',
    add: ({ deliveries }) =>
      Promise.resolve(
        deliveries.map(({ handle, key }) => ({
          handle,
          outcome: key.startsWith('grace')
            ? { kind: 'rejected', reason: 'the mailbox is full' }
            : { kind: 'delivered' },
        })),
      ),
    remove: ({ deliveries }) =>
      Promise.resolve(deliveries.map(({ handle }) => ({ handle, outcome: { kind: 'delivered' } }))),
  },
});

const minutesAgo = (minutes: number): string =>
  new Date(Date.now() - minutes * 60_000).toISOString();

const identify = (name: string, traits: object, minutes: number): object => ({
  type: 'identify',
  identifiers: [
    { namespace: 'user_id', value: name },
    { namespace: 'email', value: `${name}@example.com` },
  ],
  traits,
  timestamp: minutesAgo(minutes),
});
const order = (name: string, minutes: number): object => ({
  type: 'track',
  identifiers: [{ namespace: 'user_id', value: name }],
  event: 'Order Completed',
  timestamp: minutesAgo(minutes),
});
const consent = (name: string, status: string): object => ({
  type: 'consent',
  identifiers: [{ namespace: 'email', value: `${name}@example.com` }],
  consents: [{ purpose: 'email_marketing', status }],
});

const ofShop = [
  identify('ada', { plan: 'free', stars: 3 }, 1),
  identify('ada', { stars: 2 }, 0),
  ...['ada', 'grace', 'joan'].flatMap((name) => [order(name, 20), order(name, 10)]),
  order('lin', 5),
  consent('ada', 'granted'),
  consent('grace', 'granted'),
  consent('joan', 'withdrawn'),
  // A second user id: more than a person may have.
  {
    type: 'identify',
    identifiers: [
      { namespace: 'email', value: 'ada@example.com' },
      { namespace: 'user_id', value: 'lin' },
    ],
    traits: {},
    timestamp: minutesAgo(30),
  },
];
const ofBilling = ['ada', 'grace', 'joan'].map((name) => identify(name, { plan: 'pro' }, 60));

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any shape
  readonly json: any;
}

eachStore('explain', (open) => {
  let hub: Hub;

  async function ask(path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${hub.url}/api${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${hub.firstKey ?? ''}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: await response.json() };
  }
  const about = (name: string): string => `namespace=email&value=${name}@example.com`;

  async function bring(source: string, records: readonly object[]): Promise<void> {
    const response = await fetch(`${hub.url}/sources/${source}/records`, {
      method: 'POST',
      body: JSON.stringify(records satisfies readonly Partial<SourceRecord>[]),
    });
    expect(await response.json()).toMatchObject({ accepted: records.length });
  }

  beforeAll(async () => {
    const store = await open();
    const loaded = await loadConfig(ownConfigFile(), {
      env: {},
      readFile: () => Promise.resolve(yaml),
      loadPlugin: ({ name }) => Promise.resolve({ plugin: name === 'a-shop' ? shop : mailer }),
    });
    const config = { ...loaded.config, deploymentKey: Buffer.alloc(32, 7).toString('base64') };
    const log = createLogger({ level: 'error', destination: { write: () => undefined } });
    hub = await startHub({ ...loaded, config }, { store, port: 0, log });
    await bring('billing', ofBilling);
    await bring('shop', ofShop);
    await vi.waitFor(
      async () => {
        const ada = (await ask(`/explain/delivery?instance=mail&${about('ada')}`)).json;
        const { json } = await ask('/destinations/mail');
        if (ada.there !== true || json.openDeadLetters !== 1)
          throw new Error('not all is sent yet');
      },
      { timeout: 30_000, interval: 200 },
    );
  }, 60_000);
  afterAll(() => hub.stop());

  it('a trait: what won, what lost, and by which rule', async () => {
    const plan = (await ask(`/explain/trait?trait=plan&${about('ada')}`)).json;
    expect(plan).toMatchObject({ value: 'pro', source: 'billing', record: 1 });
    expect(plan.because).toMatchObject([
      { says: expect.stringContaining('`source_priority`') },
      {
        says: expect.stringContaining('"free"'),
        holds: false,
        because: [{ says: 'its source stands further back' }],
      },
      { says: expect.stringContaining('"pro"'), holds: true },
    ]);
    const stars = (await ask(`/explain/trait?trait=stars&${about('ada')}`)).json;
    expect(stars).toMatchObject({ answer: 'stars is 3.' });
    expect(JSON.stringify(stars.because)).toContain('it is smaller');
    const orders = (await ask(`/explain/trait?trait=orders&${about('ada')}`)).json;
    expect(orders).toMatchObject({ value: 2, answer: 'orders is 2, computed.' });
    const none = (await ask(`/explain/trait?trait=shoe_size&${about('ada')}`)).json;
    expect(none.answer).toBe('shoe_size has no value: nobody said one.');
  });

  it('a membership: each condition, since when, until when', async () => {
    const ada = (await ask(`/explain/membership?audience=buyers&${about('ada')}`)).json;
    expect(ada).toMatchObject({ member: true, cause: 'live', since: expect.any(String) });
    // The earlier of two orders leaves the window 30 days after it.
    expect(Date.parse(String(ada.nextChangeAt))).toBeGreaterThan(Date.now() + 29 * 86_400_000);
    const lin = (await ask('/explain/membership?audience=buyers&namespace=user_id&value=lin')).json;
    expect(lin.member).toBe(false);
    expect(lin.because[0]).toMatchObject({
      holds: false,
      because: [
        {
          says: expect.stringMatching(/"Order Completed" in the last 30 d ≥ 2; it is 1$/),
          holds: false,
        },
        { says: 'trait plan is "pro"', holds: false },
      ],
    });
    expect((await ask(`/explain/membership?audience=nobody&${about('ada')}`)).json).toMatchObject({
      code: 'AUDIENCE_UNKNOWN',
      detail: expect.stringMatching(/^Found "nobody", expected one of [a-z_, ]+\.$/),
    });
  });

  it('a merge: the path between two identifiers, or the limit that rejected it', async () => {
    const email = { namespace: 'email', value: 'Ada@Example.com' };
    const same = await ask('/explain/merge', {
      left: email,
      right: { namespace: 'user_id', value: 'ada' },
    });
    expect(same.json).toMatchObject({ samePerson: true, answer: 'One person.' });
    expect(same.json.because[0]).toMatchObject({
      holds: true,
      says: expect.stringContaining('record'),
    });
    const apart = await ask('/explain/merge', {
      left: email,
      right: { namespace: 'user_id', value: 'lin' },
    });
    expect(apart.json).toMatchObject({
      samePerson: false,
      profiles: [expect.any(String), expect.any(String)],
      because: [
        { holds: false, because: [{ says: expect.stringMatching(/^rejected: .*user_id/) }] },
      ],
    });
    const nobody = await ask('/explain/merge', {
      left: email,
      right: { namespace: 'user_id', value: 'never seen' },
    });
    expect(nobody.json.code).toBe('PROFILE_UNKNOWN');
  });

  it('a delivery: there, refused by the vendor, or by the person', async () => {
    const ada = (await ask(`/explain/delivery?instance=mail&${about('ada')}`)).json;
    expect(ada.answer).toBe('At mail.');
    expect(JSON.stringify(ada.because)).toMatch(
      /email_marketing granted for email:ada@example.com/,
    );
    const grace = (await ask(`/explain/delivery?instance=mail&${about('grace')}`)).json;
    expect(grace.there).toBe(false);
    expect(JSON.stringify(grace.because)).toMatch(/dead letter \d+ .*the mailbox is full/);
    const joan = (await ask(`/explain/delivery?instance=mail&${about('joan')}`)).json;
    expect(joan).toMatchObject({ there: false, answer: 'Not at mail.' });
    expect(JSON.stringify(joan.because)).toMatch(
      /"she may be reached there: withdrawn","holds":false/,
    );
    expect(JSON.stringify(joan.because)).toContain('email_marketing withdrawn');
    const lin = (await ask('/explain/delivery?instance=mail&namespace=user_id&value=lin')).json;
    expect(JSON.stringify(lin.because)).toContain('has one of email');
    await ask('/destinations/mail/pause', {});
    const paused = (await ask(`/explain/delivery?instance=mail&${about('grace')}`)).json;
    expect(paused.because[0].says).toMatch(/it is paused since .*PAUSED/);
  });
});
