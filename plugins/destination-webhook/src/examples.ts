// What receivers see. The examples are fixture, test and documentation at once.
import type { EventDelivery, MemberDelivery, ProfileDelivery } from '@tributary/sdk';
import type { DestinationCases, DestinationExample } from '@tributary/sdk/testing';

export const ada: MemberDelivery = {
  handle: 'change-1',
  changeId: 'ada-enters',
  key: 'email:ada@example.com',
  identifier: { namespace: 'email', value: 'ada@example.com' },
  traits: { firstName: 'Ada', tier: 'gold' },
};
export const bob: MemberDelivery = {
  handle: 'change-2',
  changeId: 'bob-enters',
  key: 'user_id:42',
  identifier: { namespace: 'user_id', value: '42' },
  traits: {},
};
export const order: EventDelivery = {
  handle: 'change-3',
  key: ada.key,
  identifier: ada.identifier,
  lane: 'web/ada',
  event: {
    messageId: 'order-7',
    type: 'track',
    name: 'Order Completed',
    timestamp: '2025-12-31T23:00:00.000Z',
    receivedAt: '2025-12-31T23:00:01.000Z',
    identifiers: [ada.identifier],
    profileId: 'p-1',
    properties: { total: 12.5, currency: 'EUR' },
    traits: {},
    context: { page: { path: '/thanks' } },
  },
};
export const visit: EventDelivery = {
  ...order,
  handle: 'change-4',
  event: { ...order.event, messageId: 'page-8', type: 'page', name: 'Thanks', properties: {} },
};
export const changed: ProfileDelivery = {
  handle: 'change-5',
  changeId: 'ada-is-gold',
  key: ada.key,
  identifier: ada.identifier,
  profileId: 'p-1',
  previous: { tier: 'silver' },
  next: { tier: 'gold' },
};
export const removed: ProfileDelivery = {
  handle: 'change-6',
  changeId: 'bob-is-removed',
  key: bob.key,
  identifier: bob.identifier,
  profileId: 'p-2',
  previous: {},
  next: null,
};

/** The clock of the suite stands here. */
const now = '2026-01-01T00:00:00.000Z';
const request = { method: 'POST', path: '/hooks' };

export const examples: readonly DestinationExample[] = [
  {
    title: 'people enter an audience: one message each',
    in: { call: 'audiences.add', list: 'vip', deliveries: [ada, bob] },
    out: {
      requests: [
        {
          ...request,
          headers: { 'content-type': 'application/json', 'x-tenant': 'shop' },
          body: {
            type: 'audience.entered',
            timestamp: now,
            data: {
              audience: 'vip',
              key: 'email:ada@example.com',
              identifier: { namespace: 'email', value: 'ada@example.com' },
              traits: { firstName: 'Ada', tier: 'gold' },
            },
          },
        },
        {
          ...request,
          body: {
            type: 'audience.entered',
            timestamp: now,
            data: {
              audience: 'vip',
              key: 'user_id:42',
              identifier: { namespace: 'user_id', value: '42' },
              traits: {},
            },
          },
        },
      ],
    },
  },
  {
    title: 'a person leaves an audience',
    in: { call: 'audiences.remove', list: 'vip', deliveries: [bob] },
    out: {
      requests: [
        {
          ...request,
          body: {
            type: 'audience.left',
            timestamp: now,
            data: {
              audience: 'vip',
              key: 'user_id:42',
              identifier: { namespace: 'user_id', value: '42' },
              traits: {},
            },
          },
        },
      ],
    },
  },
  {
    title: 'a profile changes, another is no longer to be there',
    in: { call: 'profiles.upsert', deliveries: [changed, removed] },
    out: {
      requests: [
        {
          ...request,
          body: {
            type: 'profile.updated',
            timestamp: now,
            data: {
              profileId: 'p-1',
              key: 'email:ada@example.com',
              identifier: { namespace: 'email', value: 'ada@example.com' },
              traits: { tier: 'gold' },
            },
          },
        },
        {
          ...request,
          body: {
            type: 'profile.removed',
            timestamp: now,
            data: {
              profileId: 'p-2',
              key: 'user_id:42',
              identifier: { namespace: 'user_id', value: '42' },
            },
          },
        },
      ],
    },
  },
  {
    title: 'events, in the order of their lane',
    in: { call: 'events.forward', deliveries: [order, visit] },
    out: {
      requests: [
        {
          ...request,
          body: {
            type: 'event.track',
            timestamp: '2025-12-31T23:00:00.000Z',
            data: {
              messageId: 'order-7',
              receivedAt: '2025-12-31T23:00:01.000Z',
              name: 'Order Completed',
              key: 'email:ada@example.com',
              identifier: { namespace: 'email', value: 'ada@example.com' },
              profileId: 'p-1',
              identifiers: [{ namespace: 'email', value: 'ada@example.com' }],
              properties: { total: 12.5, currency: 'EUR' },
              traits: {},
              context: { page: { path: '/thanks' } },
            },
          },
        },
        request,
      ],
    },
  },
  {
    title: 'a person is forgotten',
    in: { call: 'erase', deliveries: [ada] },
    out: {
      requests: [
        {
          ...request,
          body: {
            type: 'profile.erased',
            timestamp: now,
            data: {
              key: 'email:ada@example.com',
              identifier: { namespace: 'email', value: 'ada@example.com' },
            },
          },
        },
      ],
    },
  },
];

export const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const settingsFor = (vendorUrl: string): Readonly<Record<string, unknown>> => ({
  url: `${vendorUrl}/hooks`,
  secrets: [secret],
  headers: { 'x-tenant': 'shop' },
});

export const cases: DestinationCases = {
  settings: (vendorUrl) => ({ ...settingsFor(vendorUrl), allowPrivate: ['127.0.0.1'] }),
  guardedSettings: (vendorUrl) => ({ ...settingsFor(vendorUrl), allowPrivate: ['10.0.0.0/8'] }),
  vendor: {
    respond(incoming, scenario) {
      const isRefused =
        scenario.kind === 'refuse' && incoming.text.includes(JSON.stringify(scenario.key));
      return isRefused ? { status: 422, json: { error: 'unknown person' } } : { status: 204 };
    },
    statusAlone: true,
    idempotencyKey: (incoming) => incoming.headers['webhook-id'],
  },
  examples,
};
