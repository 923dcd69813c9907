// The hub of the harness as config: three sources, two vendors, three audiences, of which time alone ends one, and a mail. Delays are short
// and guards wide: both have tests of their own.
import { fileURLToPath } from 'node:url';
import { sinkSecret } from './sink.ts';

export const writeKey = 'fault-harness-server-key';
export const sendgridKey = 'SG.fault-harness';

/** What the config refers to. */
export const shopEnvironment: Readonly<Record<string, string>> = {
  FAULT_WRITE_KEY: writeKey,
  FAULT_SENDGRID_KEY: sendgridKey,
  FAULT_SINK_SECRET: sinkSecret,
  FAULT_KEY: Buffer.alloc(32, 7).toString('base64'),
};

export interface ShopPlaces {
  /** The hub's section but for its name. */
  readonly hub: object;
  readonly sendgridUrl: string;
  readonly sinkUrl: string;
  readonly feedUrl: string;
}

const retry = {
  base: '1s',
  cap: '1s',
  maxRetryAfter: '1s',
  maxAttempts: 1_000,
  breakerAfter: 50,
};
const guards = { maxRemovedShare: 1, maxAddedShare: 10_000, floor: 100_000 };

/** JSON is YAML. */
export function shopConfig({ hub, sendgridUrl, sinkUrl, feedUrl }: ShopPlaces): string {
  return JSON.stringify({
    tributary: 1,
    hub: { name: 'fault', ...hub },
    purposes: { email_marketing: 'News and offers by e-mail', analytics: 'Measuring' },
    computed: {
      orders: { count: true, event: 'Order Completed' },
      visits: { count: true, event: 'Page Seen' },
    },
    audiences: {
      readers: { title: 'Readers', rule: { trait: 'newsletter', is: true } },
      buyers: { title: 'Buyers', rule: { event: 'Order Completed' } },
      fresh: { title: 'Bought just now', rule: { event: 'Order Completed', within: '4s' } },
    },
    sources: {
      web: {
        plugin: '@tributary/source-http',
        settings: { writeKeys: [{ key: '${FAULT_WRITE_KEY}', kind: 'server', label: 'harness' }] },
      },
      feed: {
        plugin: fileURLToPath(new URL('feed-source.ts', import.meta.url)),
        settings: { url: feedUrl },
        every: '1s',
      },
    },
    destinations: {
      mail: {
        plugin: '@tributary/destination-sendgrid',
        purposes: ['email_marketing'],
        settings: {
          apiKey: '${FAULT_SENDGRID_KEY}',
          baseUrl: sendgridUrl,
          absenceGraceMs: 200,
          mail: { fromEmail: 'shop@example.com', fromName: 'The shop' },
        },
        audiences: [
          { audience: 'readers', list: 'Readers', traits: { first_name: 'first_name' } },
          { audience: 'buyers', list: 'Buyers' },
        ],
        actions: [{ action: 'mail', audience: 'buyers', parameters: { templateId: 'd-thanks' } }],
        limits: { timeout: '1s', pollAfter: '1s', batchRecords: 20 },
        retry,
        guards,
      },
      crm: {
        plugin: '@tributary/destination-webhook',
        purposes: ['analytics'],
        settings: { url: sinkUrl, secrets: ['${FAULT_SINK_SECRET}'], allowPrivate: ['127.0.0.1'] },
        audiences: [
          { audience: 'readers', list: 'readers' },
          { audience: 'buyers', list: 'buyers' },
          { audience: 'fresh', list: 'fresh' },
        ],
        events: { types: ['track'] },
        limits: { timeout: '2s' },
        retry,
        guards,
      },
    },
  });
}
