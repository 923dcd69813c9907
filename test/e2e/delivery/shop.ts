// The shop that the tests of delivery run: its config, what its people say, and who must be on which
// list after all they said. The expectation is worked out here from their words alone.
import { randomUUID } from 'node:crypto';

export const writeKey = 'end-to-end-server-key';
export const sendgridKey = 'SG.end-to-end';
/** What the config refers to. */
export const environment = { SHOP_WRITE_KEY: writeKey, SHOP_SENDGRID_KEY: sendgridKey };
export const purpose = 'email_marketing';
export const familyAddress = 'family@example.com';

export interface ShopConfig {
  readonly sendgridUrl: string;
  /** The deployment key; left out: one is made beside the store. */
  readonly key?: string;
  /** More of the destination's section. */
  readonly destination?: object;
  readonly audiences?: object;
}

/** JSON is YAML. Delays are short, guards are wide: they have tests of their own. */
export function shopConfig({ sendgridUrl, key, destination, audiences }: ShopConfig): string {
  return JSON.stringify({
    tributary: 1,
    hub: { name: 'shop', store: { folder: '../data' }, ...(key && { key }) },
    identity: { shared: { email: [familyAddress] } },
    purposes: { [purpose]: 'News and offers by e-mail' },
    audiences: audiences ?? {
      readers: { title: 'Readers', rule: { trait: 'newsletter', is: true } },
      buyers: { title: 'Buyers', rule: { event: 'Order Completed' } },
    },
    sources: {
      web: {
        plugin: '@tributary/source-http',
        settings: {
          writeKeys: [{ key: '${SHOP_WRITE_KEY}', kind: 'server', label: 'test' }],
          externalIds: { email: 'email' },
        },
      },
    },
    destinations: {
      mail: {
        plugin: '@tributary/destination-sendgrid',
        purposes: [purpose],
        settings: {
          apiKey: '${SHOP_SENDGRID_KEY}',
          baseUrl: sendgridUrl,
          absenceGraceMs: 300,
          mail: { fromEmail: 'shop@example.com', fromName: 'The shop' },
        },
        audiences: [
          { audience: 'readers', list: 'Readers', traits: { first_name: 'first_name' } },
          { audience: 'buyers', list: 'Buyers' },
        ],
        limits: { timeout: '1s', pollAfter: '1s', batchRecords: 20 },
        retry: { base: '1s', cap: '1s', maxRetryAfter: '2s', maxAttempts: 1_000 },
        guards: { maxRemovedShare: 1, maxAddedShare: 1_000, floor: 10_000 },
        ...destination,
      },
    },
  });
}

export interface Person {
  readonly userId: string;
  readonly email: string;
  reads: boolean;
  buys: boolean;
  granted: boolean;
}

export function createPerson(place: number, email = `p${place}@example.com`): Person {
  return { userId: `u${place}`, email, reads: false, buys: false, granted: false };
}

type Message = Readonly<Record<string, unknown>>;

const message = (userId: string, content: object): Message => ({
  messageId: randomUUID(),
  timestamp: new Date().toISOString(),
  userId,
  ...content,
});

export function identify({ userId, email }: Person, traits: object = {}): Message {
  return message(userId, { type: 'identify', traits: { email, ...traits } });
}

/** Says so, and is taken at her word by the expectation. */
export function subscribe(person: Person, reads: boolean): Message {
  person.reads = reads;
  return identify(person, { newsletter: reads, first_name: `Reader ${person.userId}` });
}

export function order(person: Person): Message {
  person.buys = true;
  return track(person, 'Order Completed', { total: 20 });
}

export function track({ userId }: Person, event: string, properties: object = {}): Message {
  return message(userId, { type: 'track', event, properties });
}

export function decide(person: Person, granted: boolean): Message {
  person.granted = granted;
  return consent(person, granted ? 'granted' : 'withdrawn');
}

export function consent({ userId }: Person, status: 'granted' | 'denied' | 'withdrawn'): Message {
  const evidence = { form: 'preferences' };
  return message(userId, { type: 'consent', consents: [{ purpose, status, evidence }] });
}

/** An address is on a list if anybody who holds it should be and may be reached there. */
export function expectedMembers(
  people: readonly Person[],
  isMember: (person: Person) => boolean,
): readonly string[] {
  const reachable = people.filter((person) => isMember(person) && person.granted);
  return [...new Set(reachable.map(({ email }) => email))].toSorted();
}
