// The twenty audiences that are computed in full, each as config writes it, and beside it the SQL that
// an analyst would write by hand over the same tables. $1 is the moment.
export interface BenchAudience {
  readonly name: string;
  readonly rule: object;
  readonly sql: string;
}

/** Computed traits that rules name. */
export const computedTraits = {
  lead_score: {
    scores: {
      'Product Viewed': 1,
      'Product Searched': 1,
      'Product Added': 5,
      'Checkout Started': 10,
      'Order Completed': 20,
      'Email Clicked': 3,
    },
    within: '30d',
  },
} as const;

/** Members by what they did: a group of facts per person, and what must hold of it. */
function did(where: string, having = 'true'): string {
  return `SELECT s.profile_id FROM fact f JOIN profile_subject s
      ON s.subject_id = f.subject_id AND f.at >= s.from_at AND f.at < s.to_at
    WHERE f.at <= $1::timestamptz AND ${where} GROUP BY s.profile_id HAVING ${having}`;
}

const tracked = (name: string, days?: number): string =>
  `f.type = 'track' AND f.name = '${name}'${days === undefined ? '' : since(days)}`;
const since = (days: number): string => ` AND f.at > $1::timestamptz - interval '${days} days'`;
const amount = (property: string): string => `(f.properties ->> '${property}')::numeric`;

const ordered = { event: 'Order Completed' };
const bigOrders = did(tracked('Order Completed'), `sum(${amount('total')}) >= 400`);
const lapsed = `(${did(tracked('Order Completed'))}) EXCEPT (${did(tracked('Order Completed', 45))})`;
const scored = Object.entries(computedTraits.lead_score.scores)
  .map(([name, score]) => `WHEN '${name}' THEN ${score}`)
  .join(' ');

export const benchAudiences: readonly BenchAudience[] = [
  {
    name: 'german',
    rule: { trait: 'country', is: 'DE' },
    sql: `SELECT id FROM profile WHERE traits ->> 'country' = 'DE'`,
  },
  {
    name: 'young_and_paying',
    rule: {
      all: [
        { trait: 'age', atLeast: 18, below: 30 },
        { trait: 'plan', in: ['pro', 'team'] },
      ],
    },
    sql: `SELECT id FROM profile WHERE (traits ->> 'age')::int >= 18
      AND (traits ->> 'age')::int < 30 AND traits ->> 'plan' IN ('pro', 'team')`,
  },
  {
    name: 'recent_buyers',
    rule: { ...ordered, within: '30d' },
    sql: did(tracked('Order Completed', 30)),
  },
  {
    name: 'frequent_buyers',
    rule: { ...ordered, within: '90d', count: { atLeast: 2 } },
    sql: did(tracked('Order Completed', 90), 'count(*) >= 2'),
  },
  {
    name: 'big_spenders',
    rule: { ...ordered, within: '60d', sum: { of: 'total', atLeast: 200 } },
    sql: did(tracked('Order Completed', 60), `sum(${amount('total')}) >= 200`),
  },
  {
    name: 'valuable',
    rule: { ...ordered, sum: { of: 'total', atLeast: 400 } },
    sql: bigOrders,
  },
  {
    name: 'left_carts',
    rule: {
      all: [{ event: 'Product Added', within: '7d' }, { not: { ...ordered, within: '7d' } }],
    },
    sql: `(${did(tracked('Product Added', 7))}) EXCEPT (${did(tracked('Order Completed', 7))})`,
  },
  {
    name: 'lapsed_buyers',
    rule: { all: [ordered, { not: { ...ordered, within: '45d' } }] },
    sql: lapsed,
  },
  {
    name: 'window_shoppers',
    rule: {
      all: [
        { event: 'Product Viewed', within: '30d', count: { atLeast: 3 } },
        { not: { ...ordered, within: '30d' } },
      ],
    },
    sql: `(${did(tracked('Product Viewed', 30), 'count(*) >= 3')})
      EXCEPT (${did(tracked('Order Completed', 30))})`,
  },
  {
    name: 'shoe_lovers',
    rule: {
      event: 'Product Viewed',
      where: { category: 'shoes' },
      within: '60d',
      count: { atLeast: 2 },
    },
    sql: did(
      `${tracked('Product Viewed', 60)} AND f.properties ->> 'category' = 'shoes'`,
      'count(*) >= 2',
    ),
  },
  {
    name: 'readers',
    rule: {
      any: [
        { event: 'Email Opened', within: '30d', count: { atLeast: 2 } },
        { event: 'Email Clicked', within: '14d' },
      ],
    },
    sql: `(${did(tracked('Email Opened', 30), 'count(*) >= 2')})
      UNION (${did(tracked('Email Clicked', 14))})`,
  },
  {
    name: 'hot_leads',
    rule: { computed: 'lead_score', atLeast: 20 },
    sql: did(`f.type = 'track'${since(30)}`, `sum(CASE f.name ${scored} ELSE 0 END) >= 20`),
  },
  {
    name: 'not_seen_lately',
    rule: { page: '*', last: { olderThan: '30d' } },
    sql: did(`f.type = 'page'`, `max(f.at) <= $1::timestamptz - interval '30 days'`),
  },
  {
    name: 'fine_taste',
    rule: { ...ordered, within: '90d', average: { of: 'total', atLeast: 120 } },
    sql: did(tracked('Order Completed', 90), `avg(${amount('total')}) >= 120`),
  },
  {
    name: 'curious',
    rule: { event: 'Product Viewed', within: '90d', distinct: { of: 'category', atLeast: 4 } },
    sql: did(tracked('Product Viewed', 90), `count(DISTINCT f.properties ->> 'category') >= 4`),
  },
  {
    name: 'austrian_devices',
    rule: {
      all: [{ has: 'anonymous_id' }, { trait: 'country', is: 'AT' }],
    },
    sql: `SELECT p.id FROM profile p WHERE p.traits ->> 'country' = 'AT' AND EXISTS (
      SELECT FROM profile_subject s JOIN identifier i ON i.id = s.subject_id
      WHERE s.profile_id = p.id AND s.to_at = 'infinity' AND i.namespace = 'anonymous_id')`,
  },
  {
    name: 'large_last_order',
    rule: { ...ordered, last: { of: 'total', atLeast: 150 } },
    sql: did(
      tracked('Order Completed'),
      `(array_agg(${amount('total')} ORDER BY f.at DESC, f.message_hash DESC))[1] >= 150`,
    ),
  },
  {
    name: 'added_this_week',
    rule: { event: 'Product Added', this: 'week', timeZone: 'Europe/Berlin' },
    sql: did(
      `${tracked('Product Added')} AND f.at >= date_trunc('week', $1::timestamptz, 'Europe/Berlin')`,
    ),
  },
  {
    name: 'loyal',
    rule: { all: [{ audience: 'valuable' }, { not: { audience: 'lapsed_buyers' } }] },
    sql: `(${bigOrders}) EXCEPT (${lapsed})`,
  },
  {
    name: 'worth_a_word',
    rule: {
      any: [
        {
          all: [
            { trait: 'country', in: ['DE', 'AT', 'CH'] },
            { event: 'Checkout Started', within: '14d' },
            { not: { ...ordered, within: '14d' } },
          ],
        },
        {
          all: [
            { trait: 'newsletter', is: true },
            { event: 'Product Searched', within: '30d' },
            { not: { event: ['Email Opened', 'Email Clicked'], within: '30d' } },
          ],
        },
      ],
    },
    sql: `(SELECT id FROM profile WHERE traits ->> 'country' IN ('DE', 'AT', 'CH')
        INTERSECT (${did(tracked('Checkout Started', 14))})
        EXCEPT (${did(tracked('Order Completed', 14))}))
      UNION (SELECT id FROM profile WHERE (traits ->> 'newsletter')::boolean
        INTERSECT (${did(tracked('Product Searched', 30))})
        EXCEPT (${did(`f.type = 'track' AND f.name IN ('Email Opened', 'Email Clicked')${since(30)}`)}))`,
  },
];
