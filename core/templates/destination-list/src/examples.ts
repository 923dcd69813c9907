// Acme's side of the talk, and what it sees of a delivery: the contract suite runs it, `tributary plugin dev` plays it.
import type { DestinationCases } from '@tributary/sdk/testing';

const ada = {
  handle: 'a',
  key: 'ada@example.com',
  identifier: { namespace: 'email', value: 'ada@example.com' },
  traits: { name: 'Ada' },
};
const bob = {
  handle: 'b',
  key: 'bob@example.com',
  identifier: { namespace: 'email', value: 'bob@example.com' },
  traits: {},
};
const members = [
  { email: 'ada@example.com', fields: { name: 'Ada' } },
  { email: 'bob@example.com', fields: {} },
];
const headers = { authorization: 'Bearer a-key-for-tests' };

export const cases: DestinationCases = {
  settings: (vendorUrl) => ({ apiKey: 'a-key-for-tests', baseUrl: vendorUrl }),
  vendor: {
    respond(request, scenario) {
      const body = request.json() as { readonly members: readonly { readonly email: string }[] };
      const results = body.members.map(({ email }) =>
        scenario.kind === 'refuse' && scenario.key === email
          ? { email, ok: false, reason: 'this address bounces' }
          : { email, ok: true },
      );
      return { json: { results } };
    },
  },
  examples: [
    {
      title: 'puts people on a list',
      in: { call: 'audiences.add', list: 'vip', deliveries: [ada, bob] },
      out: { requests: [{ method: 'POST', path: '/lists/vip/add', headers, body: { members } }] },
    },
    {
      title: 'takes people off a list',
      in: { call: 'audiences.remove', list: 'vip', deliveries: [ada, bob] },
      out: {
        requests: [{ method: 'POST', path: '/lists/vip/remove', headers, body: { members } }],
      },
    },
  ],
};
