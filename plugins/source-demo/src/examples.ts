// The shop makes its records up: there is no message to show, and the same seed tells the same story.
import type { SourceRecord } from '@tributary/sdk';
import type { SourceCases } from '@tributary/sdk/testing';

/** 2026-01-01T00:00Z, when the suite plays. */
const opensAt = Date.UTC(2026, 0, 1);

const fromTheShop = { origin: 'server', trust: 'transacted' } as const;
const shown = {
  textVersion: 'newsletter-2026-01',
  jurisdiction: 'IT',
  evidence: { form: 'newsletter', doubleOptIn: 'shop-7-mjuohs00-3' },
};

/** Somebody with a card buys over the counter, then somebody who also gives her address. */
const orders: readonly SourceRecord[] = [
  {
    messageId: 'shop-7-mjuohs00-1',
    timestamp: opensAt + 1_000,
    type: 'track',
    event: 'Order Completed',
    properties: {
      order_id: 'order-shop-7-mjuohs00-1',
      total: 8.9,
      currency: 'EUR',
      quantity: 1,
      channel: 'store',
    },
    identifiers: [{ namespace: 'loyalty_card', value: 'LC-7-0' }],
    ...fromTheShop,
  },
  {
    messageId: 'shop-7-mjuohs00-2',
    timestamp: opensAt + 3_500,
    type: 'track',
    event: 'Order Completed',
    properties: {
      order_id: 'order-shop-7-mjuohs00-2',
      total: 17.2,
      currency: 'EUR',
      quantity: 1,
      channel: 'store',
    },
    identifiers: [
      { namespace: 'loyalty_card', value: 'LC-7-1' },
      { namespace: 'email', value: 'sven.brandt.7-1@example.com' },
    ],
    ...fromTheShop,
  },
];

const subscription: SourceRecord = {
  messageId: 'shop-7-mjuohs00-3',
  timestamp: opensAt + 5_000,
  type: 'identify',
  identifiers: [
    { namespace: 'email', value: 'pia.fontaine.7-0@example.com' },
    { namespace: 'anonymous_id', value: 'phone-7-0' },
  ],
  traits: { email: 'pia.fontaine.7-0@example.com', first_name: 'Pia', newsletter: true },
  consents: [
    { purpose: 'email_marketing', channel: 'email', status: 'granted', ...shown },
    { purpose: 'analytics', status: 'granted', ...shown },
  ],
  origin: 'server',
  trust: 'confirmed',
};

export const cases: SourceCases = {
  settings: () => ({ seed: 7, customers: 10, backfillDays: 0 }),
  examples: [
    {
      title: 'the first sales of the day, and a subscription to the newsletter',
      in: { stream: {} },
      out: { records: [...orders, subscription] },
    },
    {
      title: 'a shop that was closed goes on where it was, at the time that it is now',
      in: { stream: { checkpoint: { shop: '7/10/60/0', opensAt, records: 2, at: 3_500 } } },
      out: { records: [{ ...subscription, timestamp: opensAt + 1_500 }] },
    },
  ],
};
