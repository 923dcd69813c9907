// The shop's words as records.
import type { ConsentChange, Identifier, JsonObject, SourceRecord } from '@tributary/sdk';
import type { Customer } from './customers.ts';
import type { Product } from './catalogue.ts';

export interface Saying {
  /** Made of the shop and a count: what is sent again after a restart is known to be the same. */
  readonly messageId: string;
  /** Whole milliseconds since 1970. */
  readonly timestamp: number;
  readonly historical?: boolean;
}

const browser = (device: string, customer: Customer): Pick<SourceRecord, 'origin' | 'context'> => ({
  origin: 'client',
  context: {
    library: { name: 'demo-shop' },
    device: { id: device },
    ...(customer.private ? { gpc: true } : {}),
  },
});

const anonymous = (device: string): Identifier => ({ namespace: 'anonymous_id', value: device });
const user = (customer: Customer): Identifier => ({ namespace: 'user_id', value: customer.userId });
const mail = (customer: Customer): Identifier => ({ namespace: 'email', value: customer.email });

export function views(
  saying: Saying,
  customer: Customer,
  device: string,
  page: string,
): SourceRecord {
  const identifiers = [anonymous(device)];
  return { ...saying, type: 'page', name: page, identifiers, ...browser(device, customer) };
}

export function does(
  saying: Saying,
  customer: Customer,
  device: string | undefined,
  event: string,
  properties: JsonObject,
): SourceRecord {
  const where = device === undefined ? {} : browser(device, customer);
  const identifiers = device === undefined ? [user(customer)] : [user(customer), anonymous(device)];
  return { ...saying, type: 'track', event, properties, identifiers, ...where };
}

export function browses(
  saying: Saying,
  customer: Customer,
  device: string,
  product: Product,
): SourceRecord {
  const identifiers = [anonymous(device)];
  const properties = { ...product, currency: 'EUR' };
  return {
    ...saying,
    type: 'track',
    event: 'Product Viewed',
    properties,
    identifiers,
    ...browser(device, customer),
  };
}

const card = (customer: Customer): Identifier => ({
  namespace: 'loyalty_card',
  value: customer.loyaltyCard,
});

/** The shop's server vouches for who logged in. */
export function logsIn(saying: Saying, customer: Customer, device: string): SourceRecord {
  return {
    ...saying,
    type: 'identify',
    identifiers: [user(customer), anonymous(device)],
    traits: traitsOf(customer),
    origin: 'server',
  };
}

/** An address typed into the newsletter's form and confirmed by the link in the mail. */
export function subscribes(saying: Saying, customer: Customer, device: string): SourceRecord {
  return {
    ...saying,
    type: 'identify',
    identifiers: [mail(customer), anonymous(device)],
    traits: { email: customer.email, first_name: customer.firstName, newsletter: true },
    consents: granted(customer, saying),
    origin: 'server',
    trust: 'confirmed',
  };
}

export function unsubscribes(saying: Saying, customer: Customer): SourceRecord {
  const consents: ConsentChange[] = [
    {
      purpose: 'email_marketing',
      channel: 'email',
      status: 'withdrawn',
      evidence: { via: 'link in the mail' },
    },
  ];
  return { ...saying, type: 'consent', identifiers: [mail(customer)], consents, origin: 'server' };
}

/** With an account: online, or in the books of old. */
export function orders(
  saying: Saying,
  customer: Customer,
  device: string | undefined,
  bought: readonly Product[],
): SourceRecord {
  return does(saying, customer, device, 'Order Completed', orderOf(saying, bought));
}

/** At the till: a card and an address, no account. */
export function paysInStore(
  saying: Saying,
  customer: Customer,
  bought: readonly Product[],
): SourceRecord {
  return {
    ...saying,
    type: 'track',
    event: 'Order Completed',
    properties: { ...orderOf(saying, bought), channel: 'store' },
    identifiers: customer.paysByCardAlone ? [card(customer)] : [card(customer), mail(customer)],
    origin: 'server',
    trust: 'transacted',
  };
}

/** Until now the card and the account were two people; her word makes one of them. */
export function linksCard(saying: Saying, customer: Customer): SourceRecord {
  return {
    ...saying,
    type: 'identify',
    identifiers: [user(customer), card(customer)],
    traits: { has_card: true },
    origin: 'server',
  };
}

function orderOf({ messageId }: Saying, bought: readonly Product[]): JsonObject {
  const cents = bought.reduce((sum, { price }) => sum + Math.round(price * 100), 0);
  return {
    order_id: `order-${messageId}`,
    total: cents / 100,
    currency: 'EUR',
    quantity: bought.length,
  };
}

/** What the shop's old system knew of her. */
export function wasKnown(saying: Saying, customer: Customer): SourceRecord {
  const consents = customer.temper === 'silent' ? [] : granted(customer, saying);
  return {
    ...saying,
    type: 'identify',
    identifiers: [user(customer), mail(customer)],
    traits: { ...traitsOf(customer), newsletter: customer.temper === 'reader' },
    ...(consents.length > 0 ? { consents } : {}),
    origin: 'server',
  };
}

/** The form asks two things: may we write to you, and may we look at how you use the shop. */
function granted(customer: Customer, { messageId }: Saying): ConsentChange[] {
  const said = {
    status: 'granted',
    textVersion: 'newsletter-2026-01',
    jurisdiction: customer.country,
    evidence: { form: 'newsletter', doubleOptIn: messageId },
  } as const;
  return [
    { purpose: 'email_marketing', channel: 'email', ...said },
    { purpose: 'analytics', ...said },
  ];
}

function traitsOf(customer: Customer): JsonObject {
  return {
    email: customer.email,
    first_name: customer.firstName,
    last_name: customer.lastName,
    country: customer.country,
  };
}
