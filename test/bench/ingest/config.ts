// The hub that the ingest benchmark measures: three sources of the tracking API, identity over user
// ids, addresses and devices, a dozen traits, consent, computed traits, and audiences that read traits,
// time windows and other audiences. No destination: what is measured ends at the membership.
import type { Place } from './place.ts';

export const sources = [
  { id: 'web', key: 'bench-key-of-the-web', kind: 'client' },
  { id: 'app', key: 'bench-key-of-the-app', kind: 'client' },
  { id: 'shop', key: 'bench-key-of-the-shop', kind: 'server' },
] as const;

export type Source = (typeof sources)[number];

/** 32 bytes, known to whoever fills the store beforehand. */
export const deploymentKey = new Uint8Array(32).fill(11);

/** Whoever ordered; the benchmark knows how many these must be. */
export const provenAudience = 'buyers';

export function configText(place: Place, audiences: string = ''): string {
  return `tributary: 1
hub:
  name: bench
  key: ${Buffer.from(deploymentKey).toString('base64')}
  store: ${storeText(place)}
  http: { port: 8080 }
traits:
  country: { type: string, standardise: country }
  newsletter: { type: boolean }
  seats: { type: number, merge: max }
  plan: { type: string, merge: source_priority, sources: [shop, app, web] }
  created_at: { type: time, merge: oldest }
computed:
  lifetime_value: { sum: total, event: Order Completed }
  last_order_at: { last: time, event: Order Completed }
purposes:
  email_marketing: News and offers by e-mail
  analytics: Finding out how the shop is used
  ads: Advertising on other sites
consent:
  gpcDenies: [ads]
audiences:
  newsletter_readers:
    title: Readers
    rule: { trait: newsletter, is: true }
  pro_customers:
    title: On a large plan
    rule:
      all:
        - { trait: plan, in: [pro, business] }
        - { trait: country, in: [DE, AT, FR] }
  ${provenAudience}:
    title: Ordered within a quarter
    rule: { event: Order Completed, within: 90d }
  cart_abandoned:
    title: Left something in the cart
    rule:
      all:
        - { event: Product Added, within: 30m }
        - not: { event: Order Completed, within: 30m }
  keen_lookers:
    title: Looked at much this week
    rule: { event: Product Viewed, within: 7d, count: { atLeast: 3 } }
  big_spenders:
    title: Spent much
    rule: { computed: lifetime_value, atLeast: 200 }
  keen_readers:
    title: Readers who look at much
    rule:
      all:
        - { audience: keen_lookers }
        - { audience: newsletter_readers }
${audiences}sources:
${sources.map(sourceText).join('')}`;
}

function storeText(place: Place): string {
  return 'folder' in place
    ? `{ folder: ${JSON.stringify(place.folder)} }`
    : `{ url: ${JSON.stringify(place.url)}, schema: ${place.schema} }`;
}

function sourceText({ id, key, kind }: Source): string {
  return `  ${id}:
    plugin: '@tributary/source-http'
    mount: /${id}
    settings: { writeKeys: [{ key: ${key}, kind: ${kind} }] }
    consent: { categories: { marketing: [email_marketing], statistics: [analytics] } }
`;
}
