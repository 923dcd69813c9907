// Acme's side of the talk, and what it sees of a delivery: the contract suite runs it, `tributary plugin dev` plays it.
import type { ActionDelivery } from '@tributary/sdk';
import type { DestinationCases } from '@tributary/sdk/testing';

const person = (name: string): ActionDelivery => ({
  handle: name,
  key: `${name}@example.com`,
  identifier: { namespace: 'email', value: `${name}@example.com` },
  actionId: `action-of-${name}`,
  audience: 'cart_abandoned',
  profileId: `profile-of-${name}`,
  traits: { name },
  parameters: { template: 't-1' },
});

const message = (name: string) => ({
  method: 'POST',
  path: '/messages',
  headers: { authorization: 'Bearer a-key-for-tests', 'idempotency-key': `action-of-${name}` },
  body: { to: `${name}@example.com`, template: 't-1', fields: { name } },
});

export const cases: DestinationCases = {
  settings: (vendorUrl) => ({ apiKey: 'a-key-for-tests', baseUrl: vendorUrl }),
  vendor: {
    respond(request, scenario) {
      const { to } = request.json() as { readonly to: string };
      return scenario.kind === 'refuse' && scenario.key === to
        ? { status: 422, json: { error: 'this address bounces' } }
        : { status: 202, json: { status: 'queued' } };
    },
    idempotencyKey: (request) => request.headers['idempotency-key'],
  },
  examples: [
    {
      title: 'sends each person a message',
      in: { call: 'actions', action: 'message', deliveries: [person('ada'), person('bob')] },
      out: { requests: [message('ada'), message('bob')] },
    },
  ],
};
