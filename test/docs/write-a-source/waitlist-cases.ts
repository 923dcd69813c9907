// An entry as the form sends it, and the record that comes of it.
import { signHmac } from '@tributary/sdk';
import type { SourceCases } from '@tributary/sdk/testing';

export const cases: SourceCases = {
  settings: () => ({ secret: 'a-secret-for-tests' }),
  signing: {
    sign: ({ body, settings }) => ({ 'x-signature': signHmac(body, String(settings['secret'])) }),
    secrets: ['secret'],
  },
  examples: [
    {
      title: 'somebody joins and wants news',
      in: { request: { body: { id: 'w-1', email: 'ada@example.com', name: 'Ada', news: true } } },
      out: {
        records: [
          {
            type: 'identify',
            messageId: 'w-1',
            identifiers: [{ namespace: 'email', value: 'ada@example.com' }],
            traits: { first_name: 'Ada', waiting: true },
            consents: [
              {
                purpose: 'email_marketing',
                status: 'granted',
                evidence: { form: 'waitlist', id: 'w-1' },
              },
            ],
          },
        ],
      },
    },
  ],
};
