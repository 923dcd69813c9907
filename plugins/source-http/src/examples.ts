// What becomes of the protocol's messages. Run as tests, printed in the docs.
import type { JsonValue } from '@tributary/sdk';
import type { SourceCases, SourceExample } from '@tributary/sdk/testing';

const exampleServerKey = 'a-server-key-of-the-examples';
const exampleClientKey = 'a-client-key-of-the-examples';

const basic = (key: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
});
const server = basic(exampleServerKey);
const client = { ...basic(exampleClientKey), 'content-type': 'text/plain' };

const post = (
  path: string,
  headers: Readonly<Record<string, string>>,
  body: JsonValue,
): { readonly request: { path: string; headers: typeof headers; body: JsonValue } } => ({
  request: { path, headers, body },
});

const fromServer = { origin: 'server', context: {}, integrations: {} } as const;
const fromClient = { ...fromServer, origin: 'client' } as const;
const ada = { namespace: 'user_id', value: '42' };
const browser = { namespace: 'anonymous_id', value: 'b7c0' };

export const examples: readonly SourceExample[] = [
  {
    title: 'a server says who somebody is',
    in: post('/v1/identify', server, {
      userId: 42,
      messageId: 'm-1',
      traits: { email: 'ada@example.com' },
      timestamp: '2026-03-01T10:00:00.000Z',
    }),
    out: {
      records: [
        {
          type: 'identify',
          messageId: 'm-1',
          identifiers: [ada],
          traits: { email: 'ada@example.com' },
          timestamp: '2026-03-01T10:00:00.000Z',
          ...fromServer,
        },
      ],
    },
  },
  {
    title: 'what a batch states once holds for every message',
    in: post('/v1/batch', server, {
      sentAt: '2026-03-01T10:00:05.000Z',
      context: { locale: 'de', app: { name: 'shop' } },
      integrations: { All: false },
      batch: [
        { type: 'track', event: 'Order Completed', userId: '42', properties: { total: 24 } },
        { type: 'page', name: 'Home', anonymousId: 'b7c0', context: { locale: 'en' } },
      ],
    }),
    out: {
      records: [
        {
          type: 'track',
          event: 'Order Completed',
          properties: { total: 24 },
          identifiers: [ada],
          sentAt: '2026-03-01T10:00:05.000Z',
          origin: 'server',
          context: { locale: 'de', app: { name: 'shop' } },
          integrations: { All: false },
        },
        {
          type: 'page',
          name: 'Home',
          identifiers: [browser],
          sentAt: '2026-03-01T10:00:05.000Z',
          origin: 'server',
          context: { locale: 'en', app: { name: 'shop' } },
          integrations: { All: false },
        },
      ],
    },
  },
  {
    title: 'RudderStack’s browser client tells traits in the context',
    in: post('/v1/identify', client, {
      type: 'identify',
      channel: 'web',
      messageId: '0d2c6f4e-8a31-4a6b-9c50-7e1f5b1b6a90',
      userId: '42',
      anonymousId: 'b7c0',
      originalTimestamp: '2026-03-01T10:00:00.000Z',
      sentAt: '2026-03-01T10:00:01.000Z',
      context: {
        traits: { email: 'ada@example.com' },
        library: { name: 'RudderLabs JavaScript SDK', version: '3.34.1' },
      },
      integrations: { All: true },
    }),
    out: {
      records: [
        {
          type: 'identify',
          messageId: '0d2c6f4e-8a31-4a6b-9c50-7e1f5b1b6a90',
          identifiers: [ada, browser],
          traits: { email: 'ada@example.com' },
          timestamp: '2026-03-01T10:00:00.000Z',
          sentAt: '2026-03-01T10:00:01.000Z',
          origin: 'client',
          context: {
            traits: { email: 'ada@example.com' },
            library: { name: 'RudderLabs JavaScript SDK', version: '3.34.1' },
          },
          integrations: { All: true },
        },
      ],
    },
  },
  {
    title: 'a page speaks as a client, with its privacy signal',
    in: post(
      '/v1/t',
      { ...client, 'sec-gpc': '1' },
      { anonymousId: 'b7c0', event: 'Viewed', writeKey: exampleClientKey },
    ),
    out: {
      records: [
        {
          type: 'track',
          event: 'Viewed',
          identifiers: [browser],
          ...fromClient,
          context: { gpc: true },
        },
      ],
    },
  },
  {
    title: 'an app names its device and the ids of other systems',
    in: post('/v1/screen', client, {
      userId: '42',
      name: 'Cart',
      context: {
        device: { advertisingId: 'EA7583CD', token: 'ff15bc0c' },
        externalIds: [
          { id: 7, type: 'crm', collection: 'users', encoding: 'none' },
          { id: 'x', type: 'somewhere_else', collection: 'users', encoding: 'none' },
        ],
      },
    }),
    out: {
      records: [
        {
          type: 'screen',
          name: 'Cart',
          identifiers: [
            ada,
            { namespace: 'advertising_id', value: 'EA7583CD' },
            { namespace: 'push_token', value: 'ff15bc0c' },
            { namespace: 'crm_id', value: '7' },
          ],
          origin: 'client',
          context: {
            device: { advertisingId: 'EA7583CD', token: 'ff15bc0c' },
            externalIds: [
              { id: 7, type: 'crm', collection: 'users', encoding: 'none' },
              { id: 'x', type: 'somewhere_else', collection: 'users', encoding: 'none' },
            ],
          },
          integrations: {},
        },
      ],
    },
  },
  {
    title: 'a group',
    in: post('/v1/group', server, { userId: '42', groupId: 7, traits: { plan: 'team' } }),
    out: {
      records: [
        {
          type: 'group',
          groupId: '7',
          traits: { plan: 'team' },
          identifiers: [ada],
          ...fromServer,
        },
      ],
    },
  },
  {
    title: 'an alias of a visitor',
    in: post('/v1/alias', client, { userId: '42', previousId: 'b7c0', anonymousId: 'b7c0' }),
    out: {
      records: [{ type: 'alias', identifiers: [ada, browser], previous: browser, ...fromClient }],
    },
  },
  {
    title: 'an alias of a user',
    in: post('/v1/alias', server, { userId: '42', previousId: 'ada' }),
    out: {
      records: [
        {
          type: 'alias',
          identifiers: [ada],
          previous: { namespace: 'user_id', value: 'ada' },
          ...fromServer,
        },
      ],
    },
  },
  {
    title: 'an alias of somebody with herself says nothing',
    in: post('/v1/a', client, { userId: '42', previousId: '42' }),
    out: { records: [] },
  },
  {
    title: 'a server records consent and an erasure',
    in: post('/v1/batch', server, {
      batch: [
        {
          type: 'consent',
          userId: '42',
          consents: [{ purpose: 'email_marketing', status: 'granted', evidence: { call: '17' } }],
        },
        { type: 'delete', userId: '42' },
      ],
    }),
    out: {
      records: [
        {
          type: 'consent',
          consents: [{ purpose: 'email_marketing', status: 'granted', evidence: { call: '17' } }],
          identifiers: [ada],
          ...fromServer,
        },
        { type: 'delete', identifiers: [ada], ...fromServer },
      ],
    },
  },
];

export const cases: SourceCases = {
  settings: () => ({
    writeKeys: [
      { key: exampleServerKey, kind: 'server' },
      { key: exampleClientKey, kind: 'client' },
    ],
    externalIds: { crm: 'crm_id' },
  }),
  examples,
};
