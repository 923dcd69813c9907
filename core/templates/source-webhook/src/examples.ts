// What comes in and what goes out: the contract suite runs it, `tributary plugin dev` plays it.
import { signHmac } from '@tributary/sdk';
import type { SourceCases } from '@tributary/sdk/testing';

export const cases: SourceCases = {
  settings: () => ({ signingSecret: 'a-secret-for-tests' }),
  signing: {
    sign: ({ body, settings }) => ({
      'x-acme-signature': signHmac(body, String(settings['signingSecret'])),
    }),
    secrets: ['signingSecret'],
  },
  examples: [
    {
      title: 'an order',
      in: { request: { body: { id: '7', email: 'ada@example.com', total: 42 } } },
      out: {
        records: [
          {
            type: 'track',
            event: 'Order Completed',
            messageId: 'order-7',
            identifiers: [{ namespace: 'email', value: 'ada@example.com' }],
            properties: { order_id: '7', total: 42 },
          },
        ],
      },
    },
  ],
};
