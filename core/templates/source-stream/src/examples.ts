// Acme's side of the talk, and what becomes of it: the contract suite runs it, `tributary plugin dev` plays it.
import type { SourceCases } from '@tributary/sdk/testing';
import { toRecord } from './map.ts';

const events = ['Signed Up', 'Trial Started', 'Invited', 'Invited', 'Upgraded'].map(
  (name, index) => ({ id: index + 1, email: 'ada@example.com', name }),
);

export const cases: SourceCases = {
  settings: (vendorUrl) => ({ apiKey: 'a-key-for-tests', baseUrl: vendorUrl }),
  vendor: {
    /** Two at a time, so that the suite sees pages; then it waits, as Acme does. */
    respond(request) {
      const after = Number(new URL(request.path, 'http://acme.example').searchParams.get('after'));
      const page = events.filter(({ id }) => id > after).slice(0, 2);
      return page.length > 0 ? { json: { events: page } } : new Promise(() => undefined);
    },
  },
  examples: [
    {
      title: 'everything from the beginning',
      in: { stream: {} },
      out: { records: events.map(toRecord) },
    },
    {
      title: 'what has happened since',
      in: { stream: { checkpoint: 4 } },
      out: {
        records: [
          {
            type: 'track',
            event: 'Upgraded',
            messageId: 'event-5',
            identifiers: [{ namespace: 'email', value: 'ada@example.com' }],
          },
        ],
      },
    },
  ],
};
