// Acme's side of the talk, and what becomes of it: the contract suite runs it, `tributary plugin dev` plays it.
import type { SourceCases } from '@tributary/sdk/testing';
import { toRecord } from './map.ts';

const people = ['ada', 'bob', 'cyd', 'dee', 'eve'].map((name, index) => ({
  id: `p-${name}`,
  email: `${name}@example.com`,
  city: index % 2 === 0 ? 'Oslo' : null,
  version: index + 1,
}));

export const cases: SourceCases = {
  settings: (vendorUrl) => ({ apiKey: 'a-key-for-tests', baseUrl: vendorUrl }),
  vendor: {
    /** Two at a time, so that the suite sees pages. */
    respond(request) {
      const after = Number(new URL(request.path, 'http://acme.example').searchParams.get('after'));
      const page = people.filter(({ version }) => version > after).slice(0, 2);
      return { json: { people: page, next: String(page.at(-1)?.version ?? after) } };
    },
  },
  examples: [
    {
      title: 'everybody',
      in: { pull: {} },
      out: { records: people.map(toRecord) },
    },
    {
      title: 'who has changed since',
      in: { pull: { checkpoint: '4' } },
      out: {
        records: [
          {
            type: 'identify',
            messageId: 'person-p-eve-5',
            identifiers: [
              { namespace: 'acme_id', value: 'p-eve' },
              { namespace: 'email', value: 'eve@example.com' },
            ],
            traits: { city: 'Oslo' },
          },
        ],
      },
    },
  ],
};
