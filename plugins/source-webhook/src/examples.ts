// What becomes of a shop's webhooks. Run as tests, printed in the docs.
import { signWebhook, type JsonValue } from '@tributary/sdk';
import type { SourceCases, SourceExample } from '@tributary/sdk/testing';

/** 24 bytes and more, in base64 behind the prefix. */
export const exampleSecret = 'whsec_bm90LWEtc2VjcmV0LWJ1dC1hbi1leGFtcGxl';

export const exampleMapping = `
(
  $person := function($customer) {[
    { "namespace": "shop_customer", "value": $string($customer.id) },
    $customer.email ? { "namespace": "email", "value": $customer.email }
  ]};
  $[type = "order.paid"].data.{
    "type": "track",
    "event": "Order Completed",
    "timestamp": paid_at,
    "identifiers": $person(customer),
    "properties": { "order_id": id, "total": $sum(lines.(price * quantity)), "skus": [lines.sku] }
  } ~> $append(
    $[type = "newsletter.joined"].data.{
      "type": "consent",
      "identifiers": $person(customer),
      "consents": [{ "purpose": "email_marketing", "status": "granted", "evidence": { "form": form } }]
    }
  )
)`;

const post = (body: JsonValue): { readonly request: { readonly body: JsonValue } } => ({
  request: { body },
});
const messageId = 'msg_1';
const ada = [
  { namespace: 'shop_customer', value: '42' },
  { namespace: 'email', value: 'ada@example.com' },
];

export const examples: readonly SourceExample[] = [
  {
    title: 'an order becomes an event of its customer, with its sum',
    in: post({
      type: 'order.paid',
      data: {
        id: 'o-7',
        paid_at: '2026-01-31T12:00:00Z',
        customer: { id: 42, email: 'ada@example.com' },
        lines: [
          { sku: 'tea', price: 4.5, quantity: 2 },
          { sku: 'cup', price: 15, quantity: 1 },
        ],
      },
    }),
    out: {
      records: [
        {
          type: 'track',
          event: 'Order Completed',
          messageId,
          timestamp: '2026-01-31T12:00:00Z',
          identifiers: ada,
          properties: { order_id: 'o-7', total: 24, skus: ['tea', 'cup'] },
        },
      ],
    },
  },
  {
    title: 'a box that was ticked becomes a consent with its evidence',
    in: post({
      type: 'newsletter.joined',
      data: { form: 'https://shop.example/join', customer: { id: 42, email: 'ada@example.com' } },
    }),
    out: {
      records: [
        {
          type: 'consent',
          messageId,
          identifiers: ada,
          consents: [
            {
              purpose: 'email_marketing',
              status: 'granted',
              evidence: { form: 'https://shop.example/join' },
            },
          ],
        },
      ],
    },
  },
  {
    title: 'a message of another kind is taken and gives nothing',
    in: post({ type: 'product.renamed', data: { id: 'tea' } }),
    out: { records: [] },
  },
  {
    title: 'a list of messages gives the records of each, with ids of their own',
    in: post([
      { type: 'order.paid', data: { id: 'o-8', customer: { id: 1 }, lines: [] } },
      { type: 'product.renamed' },
      { type: 'order.paid', data: { id: 'o-9', customer: { id: 2 }, lines: [] } },
    ]),
    out: {
      records: ['o-8', 'o-9'].map((order_id, index) => ({
        type: 'track',
        event: 'Order Completed',
        messageId: `${messageId}:${index}`,
        identifiers: [{ namespace: 'shop_customer', value: String(index + 1) }],
        properties: { order_id, skus: [] },
      })),
    },
  },
];

export const cases: SourceCases = {
  settings: () => ({
    verify: { preset: 'standard-webhooks', secrets: [exampleSecret] },
    mapping: exampleMapping,
  }),
  signing: {
    sign: ({ body, now }) => ({
      ...signWebhook({ id: 'msg_1', sentAt: now, body }, [exampleSecret]),
    }),
    secrets: ['verify.secrets'],
    timed: true,
  },
  examples,
};
