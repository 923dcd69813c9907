// The source plugin that pulls from the feed.
import { defineSource, type JsonObject, type SourceRecord } from '@tributary/sdk';

interface Told {
  readonly messageId: string;
  readonly timestamp: string;
  readonly userId: string;
  readonly event: string;
  readonly properties?: JsonObject;
}

// oxlint-disable-next-line import/no-default-export -- what config names exports its plugin so
export default defineSource({
  name: 'feed',
  title: 'Feed of the fault harness',
  settings: {
    type: 'object',
    properties: { url: { type: 'string' } },
    required: ['url'],
    additionalProperties: false,
  },
  async *pull({ settings, fetch, checkpoint }) {
    for (let after = typeof checkpoint === 'number' ? checkpoint : 0; ;) {
      const answer = await fetch(`${settings.url}?after=${after}`);
      const page = (await answer.json()) as Told[];
      if (page.length === 0) return;
      after += page.length;
      yield { records: page.map(toRecord), checkpoint: after };
    }
  },
});

function toRecord({ messageId, timestamp, userId, event, properties }: Told): SourceRecord {
  return {
    type: 'track',
    messageId,
    timestamp,
    identifiers: [{ namespace: 'user_id', value: userId }],
    event,
    ...(properties === undefined ? {} : { properties }),
  };
}
