// What visitors of a shop do, as the messages of @segment/analytics-node: sessions of new and returning
// people, several at once, so that a request holds events of many people and an identify stands among
// the pages and orders around it. The same seed makes the same traffic.
import { createRandom, type Random } from '../../support/random.ts';
import type { Source } from './config.ts';

export interface TrafficOptions {
  readonly source: Source;
  /** Of the run and the source: nothing of two runs is alike. */
  readonly seed: number;
  /** People who were there before: 0 … known − 1. */
  readonly known: number;
  /** Newcomers are numbered from here on. */
  readonly firstNew: number;
}

export interface Traffic {
  /** The messages of one request. @param request goes into the message ids. */
  next(request: number, count: number, now: number): object[];
  /** The people who ordered so far. */
  readonly buyers: ReadonlySet<number>;
}

interface Session {
  readonly person: number;
  readonly isNew: boolean;
  readonly device: string;
  readonly length: number;
  isLoggedIn: boolean;
  step: number;
}

const sessionsAtOnce = 60;
const plans = ['free', 'pro', 'business'] as const;
const countries = ['DE', 'AT', 'FR', 'US', 'GB'] as const;
const products = ['tent', 'boots', 'stove', 'lamp', 'rope', 'map', 'pack', 'mat'] as const;

export function createTraffic(options: TrafficOptions): Traffic {
  const random = createRandom(options.seed);
  const buyers = new Set<number>();
  const sessions: Session[] = [];
  let newcomers = 0;

  function open(): Session {
    const isNew = options.known === 0 || random.below(4) === 0;
    const person = isNew ? options.firstNew + newcomers : random.below(options.known);
    if (isNew) newcomers += 1;
    // A fifth of the visits of people who are known comes from a device that is not.
    const device = isNew || random.below(5) > 0 ? deviceOf(person) : uuidOf(random);
    const isLoggedIn = !isNew && random.below(10) < 7;
    return { person, isNew, device, isLoggedIn, length: 6 + random.below(9), step: 0 };
  }

  function act(): object {
    const place = random.below(sessionsAtOnce);
    const session = (sessions[place] ??= open());
    const content = contentOf(session, random);
    if (content.event === 'Order Completed') buyers.add(session.person);
    session.step += 1;
    if (session.step === session.length) sessions[place] = open();
    const userId = session.isLoggedIn ? { userId: userIdOf(session.person) } : {};
    return { ...content, anonymousId: session.device, ...userId };
  }

  return {
    buyers,
    next: (request, count, now) =>
      Array.from({ length: count }, (_, place) => ({
        timestamp: new Date(now - random.below(2_000)).toISOString(),
        messageId: messageId(options.seed, request, place, now),
        integrations: {},
        ...withContext(act()),
        _metadata: { nodeVersion: 'v24.0.0', jsRuntime: 'node' },
      })),
  };
}

type Content = Readonly<Record<string, unknown>> & { readonly type: string };

function contentOf(session: Session, random: Random): Content {
  const { step, isNew, isLoggedIn, person } = session;
  if ((isNew && step === 2) || (!isNew && step === 1 && (!isLoggedIn || random.below(3) === 0))) {
    session.isLoggedIn = true;
    return { type: 'identify', traits: traitsOf(person, random) };
  }
  if (isNew && step === 3) return consentOf(random);
  const kind = random.below(100);
  if (kind < 30 || step === 0) return pageOf(random);
  if (kind < 75) return { type: 'track', event: 'Product Viewed', properties: productOf(random) };
  if (kind < 90 || !session.isLoggedIn) {
    return {
      type: 'track',
      event: 'Product Added',
      properties: { ...productOf(random), quantity: 1 },
    };
  }
  const items = [productOf(random), productOf(random)];
  const total = items.reduce((sum, { price }) => sum + price, 0);
  const order = { order_id: `o-${random.below(1e9)}`, total, currency: 'EUR', products: items };
  return { type: 'track', event: 'Order Completed', properties: order };
}

export function userIdOf(person: number): string {
  return `user-${person}`;
}

export function emailOf(person: number): string {
  return `person-${person}@example.com`;
}

/** The device that somebody first came with. */
export function deviceOf(person: number): string {
  return `00000000-0000-4000-8000-${person.toString(16).padStart(12, '0')}`;
}

export function traitsOf(person: number, random: Random): Record<string, unknown> {
  return {
    email: emailOf(person),
    firstName: `First${person % 500}`,
    lastName: `Last${person % 3_000}`,
    country: countries[person % countries.length],
    city: `City ${person % 200}`,
    language: person % 3 === 0 ? 'de' : 'en',
    company: `Company ${person % 5_000}`,
    title: `Title ${person % 40}`,
    plan: plans[person % plans.length],
    seats: random.below(50),
    newsletter: person % 2 === 0,
    created_at: '2024-05-06T07:08:09.000Z',
  };
}

function pageOf(random: Random): Content {
  const path = `/products/${products[random.below(products.length)]}`;
  const properties = {
    path,
    url: `https://shop.example.com${path}`,
    title: `Product ${path}`,
    referrer: 'https://search.example.com/',
    search: '',
  };
  return { type: 'page', name: 'Product', properties };
}

function productOf(random: Random) {
  const name = products[random.below(products.length)];
  return {
    product_id: `p-${random.below(400)}`,
    sku: `SKU-${random.below(4_000)}`,
    name,
    category: 'outdoor',
    price: (100 + random.below(9_900)) / 100,
  };
}

/** Most say yes to something. */
function consentOf(random: Random): Content {
  const marketing = random.below(5) > 0;
  return {
    type: 'track',
    event: 'Segment Consent Preference Updated',
    properties: {},
    context: { consent: { categoryPreferences: { marketing, statistics: true } } },
  };
}

function withContext(message: object): object {
  const stated = 'context' in message && typeof message.context === 'object' ? message.context : {};
  const library = { name: '@segment/analytics-node', version: '3.1.0' };
  const context = {
    ip: '203.0.113.7',
    locale: 'de-DE',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130',
    ...stated,
    library,
  };
  return { ...message, context };
}

/** `node-next-<time>-<uuid>` as the client makes them; the uuid tells request and place. */
function messageId(seed: number, request: number, place: number, now: number): string {
  const [one, two, three] = [hex(request, 8), hex(place, 4), hex(seed, 12)];
  return `node-next-${now}-${one}-${two}-4000-8000-${three}`;
}

/** The request that a message came with, of a run's traffic. */
export function requestOf(id: string): { readonly seed: number; readonly request: number } {
  const [request = '', , , , seed = ''] = id.split('-').slice(-5);
  return { seed: Number.parseInt(seed, 16), request: Number.parseInt(request, 16) };
}

function uuidOf(random: Random): string {
  return `${hex(random.below(2 ** 32), 8)}-0000-4000-9000-${hex(random.below(2 ** 32), 12)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
