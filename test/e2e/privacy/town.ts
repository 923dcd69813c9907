// A small town for the tests of privacy requests: a hub in process with three destinations of different
// kinds, somebody who will be erased, and somebody who must not notice.
import { startSendgridFake, type SendgridFake } from '../../fakes/sendgrid/fake.ts';
import { startWebhookSandbox, type WebhookSandbox } from '../../demo/webhook-sandbox.ts';
import { startHubInProcess, type HubInProcess } from '../../support/hub-in-process.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { dynamicStatement, type Store } from '../../../core/src/store/store.ts';

const writeKey = 'privacy-server-key';
const clientKey = 'privacy-client-key';
const sendgridKey = 'SG.privacy';
const webhookSecret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const purpose = 'email_marketing';

export interface Town {
  readonly hub: HubInProcess;
  readonly fake: SendgridFake;
  readonly hook: WebhookSandbox;
  /** As it began. */
  readonly config: string;
  close(): Promise<void>;
}

/** @param vendors of a town whose hub has stopped; default: new ones. */
export async function startTown(
  store: Store,
  more: object = {},
  vendors?: Pick<Town, 'fake' | 'hook'>,
): Promise<Town> {
  const { fake, hook } = vendors ?? (await openVendors());
  const config = townConfig(fake.url, hook.url, more);
  const hub = await startHubInProcess({
    config,
    writeKey,
    store,
    tune: (settings) => ({ ...settings, limits: { ...settings.limits, pollAfterMs: 200 } }),
  });
  // What an instance that is new forwards begins where it first looks.
  await waitUntil(async () => (await store.query('background', selectForwardCursor)).length === 1, {
    what: 'the hook to look at the log',
  });
  return {
    hub,
    fake,
    hook,
    config,
    async close() {
      await hub.hub.stop();
      await Promise.all([fake.close(), hook.close()]);
    },
  };
}

async function openVendors(): Promise<Pick<Town, 'fake' | 'hook'>> {
  const fake = await startSendgridFake({ apiKey: sendgridKey });
  fake.addList('Readers');
  return { fake, hook: await startWebhookSandbox(0, webhookSecret) };
}

const selectForwardCursor = dynamicStatement(
  'test.forward_cursor',
  `SELECT position FROM cursor WHERE consumer = 'forward:hook'`,
);

export function townConfig(sendgridUrl: string, hookUrl: string, more: object = {}): string {
  const audiences = [
    { audience: 'readers', list: 'Readers', traits: { first_name: 'first_name' } },
  ];
  return JSON.stringify({
    tributary: 1,
    hub: {
      name: 'town',
      store: { url: 'postgres://127.0.0.1/none', schema: 'none' },
      key: Buffer.alloc(32, 7).toString('base64'),
      ...more,
    },
    purposes: { [purpose]: 'News', analytics: 'Numbers' },
    audiences: { readers: { title: 'Readers', rule: { trait: 'newsletter', is: true } } },
    sources: {
      web: {
        plugin: '@tributary/source-http',
        settings: {
          writeKeys: [
            { key: writeKey, kind: 'server', label: 'server' },
            { key: clientKey, kind: 'client', label: 'browser' },
          ],
          externalIds: { email: 'email', phone: 'phone' },
        },
      },
      crm: {
        plugin: '@tributary/source-http',
        mount: '/crm',
        settings: crmSettings,
        bringsBack: false,
      },
    },
    destinations: {
      mail: {
        plugin: '@tributary/destination-sendgrid',
        purposes: [purpose],
        settings: { apiKey: sendgridKey, baseUrl: sendgridUrl, absenceGraceMs: 100 },
        audiences,
      },
      hook: {
        plugin: '@tributary/destination-webhook',
        purposes: [purpose],
        settings: { url: hookUrl, secrets: [webhookSecret], allowPrivate: ['127.0.0.1'] },
        events: true,
      },
      paper: { plugin: '../test/e2e/privacy/paper.ts', purposes: [purpose], audiences },
    },
  });
}

const crmKey = 'privacy-crm-key';
const crmSettings = { writeKeys: [{ key: crmKey, kind: 'server', label: 'crm' }] };

export interface Townsperson {
  readonly userId: string;
  readonly email: string;
  readonly phone: string;
  readonly cookie: string;
  readonly name: string;
}

export const ada: Townsperson = {
  userId: 'customer-ada-4711',
  email: 'ada.lovelace@example.com',
  phone: '+4930123456789',
  cookie: 'cookie-ada-0815',
  name: 'Augusta Ada',
};
export const bob: Townsperson = {
  userId: 'customer-bob-4712',
  email: 'bob.builder@example.com',
  phone: '+4930987654321',
  cookie: 'cookie-bob-0816',
  name: 'Robert',
};

/** By the tracking API, to one of the sources. */
export async function send(
  { hub }: Town,
  batch: readonly object[],
  source: 'web' | 'crm' = 'web',
): Promise<void> {
  const key = source === 'web' ? writeKey : crmKey;
  const path = source === 'web' ? '' : '/crm';
  const response = await fetch(`${hub.hub.url}${path}/v1/batch`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ batch }),
  });
  await response.body?.cancel();
  if (response.status !== 200) throw new Error(`${source} answered ${response.status}`);
}

let messages = 0;

export function say(person: Townsperson, content: object): object {
  messages += 1;
  return {
    messageId: `m-${messages}`,
    userId: person.userId,
    anonymousId: person.cookie,
    timestamp: new Date().toISOString(),
    ...content,
  };
}

/** She says who she is, subscribes, agrees, and buys something. */
export function arrives(person: Townsperson): object[] {
  const { email, phone, name } = person;
  const traits = { email, phone, first_name: name, newsletter: true };
  return [
    say(person, { type: 'identify', traits }),
    say(person, {
      type: 'consent',
      context: { traits: { email } },
      consents: [{ purpose, status: 'granted', evidence: { typed: name } }],
    }),
    say(person, { type: 'track', event: 'Order Completed', properties: { to: name, total: 20 } }),
  ];
}

/** What must not be found any more, in the forms in which it might stand. */
export function tracesOf({ userId, email, phone, cookie, name }: Townsperson): string[] {
  return [userId, email, phone, cookie, name];
}

/** Every place of the store that holds one of the texts: `table.column`. */
export async function findTraces(store: Store, texts: readonly string[]): Promise<string[]> {
  const columns = await store.query<{ name: string; column: string; type: string }>(
    'background',
    listColumns,
  );
  const found: string[] = [];
  for (const { name, column, type } of columns) {
    const value = type === 'bytea' ? `encode(${column}, 'escape')` : `(${column})::text`;
    const rows = await store.query<{ hits: number }>(
      'background',
      dynamicStatement(
        'test.find_traces',
        `SELECT count(*) AS hits FROM ${name}
         WHERE EXISTS (SELECT FROM unnest($1::text[]) t
           WHERE strpos(lower(${value}), lower(t)) > 0)`,
      ),
      [texts],
    );
    if ((rows[0]?.hits ?? 0) > 0) found.push(`${name}.${column}`);
  }
  return found;
}

const listColumns = dynamicStatement(
  'test.list_columns',
  `SELECT quote_ident(c.relname) AS name, quote_ident(a.attname) AS column, t.typname AS type
   FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   JOIN pg_type t ON t.oid = a.atttypid
   WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
   ORDER BY c.relname, a.attnum`,
);

export interface RequestReading {
  readonly id: string;
  readonly state: string;
  readonly origin: string;
  readonly overdue: boolean;
  readonly identifiers: number;
  readonly destinations: readonly {
    readonly destination: string;
    readonly state: string;
    readonly outcome?: string;
    readonly answeredAt?: string;
    readonly confirmedBy?: string;
  }[];
}

export async function readRequest({ hub }: Town, id: string): Promise<RequestReading> {
  return (await hub.call('GET', `/privacy-requests/${id}`)) as RequestReading;
}

export async function askErasure(
  { hub }: Town,
  identifiers: readonly { namespace: string; value: string }[],
): Promise<RequestReading> {
  return (await hub.call('POST', '/privacy-requests/erasures', { identifiers })) as RequestReading;
}

/** Waits until each destination is in the state. */
export async function awaitStates(
  town: Town,
  id: string,
  states: Readonly<Record<string, string>>,
): Promise<RequestReading> {
  let reading = await readRequest(town, id);
  await waitUntil(
    async () => {
      reading = await readRequest(town, id);
      const now = new Map(
        reading.destinations.map(({ destination, state }) => [destination, state]),
      );
      return Object.entries(states).every(([instance, state]) => now.get(instance) === state);
    },
    {
      what: 'each destination to erase',
      withinMs: 60_000,
      describe: () => JSON.stringify(reading),
    },
  );
  return reading;
}
