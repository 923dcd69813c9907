// A day in the shop, moment by moment, for ever. Pure: the same seed gives the same moments, so a test
// can repeat it, a bench can run it at full speed and a restart can go on where it was.
import type { SourceRecord } from '@tributary/sdk';
import { pages, products, type Product } from './catalogue.ts';
import { createCustomer, type Customer } from './customers.ts';
import { createDice, type Dice } from './dice.ts';
import {
  browses,
  does,
  logsIn,
  paysInStore,
  subscribes,
  unsubscribes,
  views,
  wasKnown,
  type Saying,
} from './say.ts';

export interface ShopSettings {
  readonly seed: number;
  /** Customers that the shop has. */
  readonly customers: number;
  /** Visits that begin per minute of shop time. */
  readonly visitsPerMinute: number;
  /** Days of history that come before the first moment. */
  readonly backfillDays: number;
}

/** Some records that happen together. */
export interface Moment {
  /** Milliseconds after the shop opened; history lies before 0. */
  readonly at: number;
  readonly records: readonly SourceRecord[];
}

interface Told {
  readonly at: number;
  tell(saying: Saying): SourceRecord;
}

const day = 86_400_000;

/** @param opensAt milliseconds since 1970 of moment 0. */
export function* createShop(settings: ShopSettings, opensAt: number): Generator<Moment, never> {
  let count = 0;
  const say = ({ at, tell }: Told, historical: boolean): SourceRecord =>
    tell({
      messageId: `shop-${settings.seed}-${(count += 1)}`,
      timestamp: opensAt + at,
      ...(historical ? { historical } : {}),
    });
  yield { at: 0, records: history(settings).map((told) => say(told, true)) };
  const dice = createDice(settings.seed);
  const waiting: Told[] = [...opening(settings, dice)].sort(byTime);
  const between = 60_000 / settings.visitsPerMinute;
  for (let visitAt = between; ; visitAt += between * (0.5 + dice.roll())) {
    waiting.push(
      ...visit(createCustomer(settings.seed, dice.below(settings.customers)), visitAt, dice),
    );
    waiting.sort(byTime);
    for (let next = waiting[0]; next && next.at <= visitAt; next = waiting[0]) {
      waiting.shift();
      yield { at: next.at, records: [say(next, false)] };
    }
  }
}

function byTime(left: Told, right: Told): number {
  return left.at - right.at;
}

/** Customers of old: among them some who spent much and have not been seen for long. */
function history({ seed, customers, backfillDays }: ShopSettings): Told[] {
  if (backfillDays === 0) return [];
  const dice = createDice(seed + 1);
  const known = Math.min(customers, 40);
  return Array.from({ length: known }, (_, place) => {
    const customer = createCustomer(seed, place);
    const isVip = place < 12;
    const lastAt = -(isVip ? 61 + dice.below(90) : 1 + dice.below(50)) * day;
    const orders = isVip ? 5 + dice.below(4) : dice.below(3);
    const told: Told[] = [
      { at: lastAt - 30 * day, tell: (saying) => wasKnown(saying, customer) },
      ...Array.from({ length: orders }, (_unused, index) => {
        const order = orderOf(
          customer,
          index,
          isVip ? [pot(), dice.pick(products)] : [dice.pick(products)],
        );
        const at = lastAt - index * 3 * day;
        return {
          at,
          tell: (saying: Saying) => does(saying, customer, undefined, 'Order Completed', order),
        };
      }),
    ];
    return told.filter(({ at }) => at >= -backfillDays * day);
  }).flat();
}

/** The first minute has one of everything, whatever the seed. */
function opening({ seed, customers }: ShopSettings, dice: Dice): Told[] {
  const told: Told[] = [];
  for (let place = 0; place < Math.min(customers, 10); place += 1) {
    const customer = createCustomer(seed, place);
    const at = 1_000 + place * 2_500;
    // Bought in the store, subscribed on the phone, then logged in at the computer: one person of three.
    told.push(...storeVisit(customer, at, dice), ...subscription(customer, at + 4_000));
    told.push(...cartVisit(customer, at + 8_000, customer.computer, dice, 0));
  }
  return told;
}

function visit(customer: Customer, at: number, dice: Dice): Told[] {
  const device = dice.chance(0.5) ? customer.phoneDevice : customer.computer;
  if (dice.chance(0.15)) return subscription(customer, at);
  if (dice.chance(0.15)) return storeVisit(customer, at, dice);
  if (dice.chance(0.4)) return browsing(customer, at, device, dice);
  return cartVisit(customer, at, device, dice, 0.5);
}

function browsing(customer: Customer, at: number, device: string, dice: Dice): Told[] {
  const page = dice.pick(pages);
  const product = dice.pick(products);
  return [
    { at, tell: (saying) => views(saying, customer, device, page) },
    { at: at + 800, tell: (saying) => browses(saying, customer, device, product) },
  ];
}

function cartVisit(
  customer: Customer,
  at: number,
  device: string,
  dice: Dice,
  buys: number,
): Told[] {
  const product = dice.pick(products);
  const quantity = 1 + dice.below(3);
  const line = { ...product, quantity, currency: 'EUR' };
  const told: Told[] = [
    ...browsing(customer, at, device, dice),
    { at: at + 1_500, tell: (saying) => logsIn(saying, customer, device) },
    { at: at + 2_500, tell: (saying) => does(saying, customer, device, 'Product Added', line) },
  ];
  if (!dice.chance(buys)) return told;
  const order = orderOf(
    customer,
    at,
    Array.from({ length: quantity }, () => product),
  );
  return [
    ...told,
    { at: at + 9_000, tell: (saying) => does(saying, customer, device, 'Order Completed', order) },
  ];
}

function storeVisit(customer: Customer, at: number, dice: Dice): Told[] {
  const order = orderOf(customer, at, [dice.pick(products)]);
  return [{ at, tell: (saying) => paysInStore(saying, customer, order) }];
}

/** The silent never subscribe; the fickle take it back after a while. */
function subscription(customer: Customer, at: number): Told[] {
  if (customer.temper === 'silent') return [];
  const told: Told[] = [
    { at, tell: (saying) => subscribes(saying, customer, customer.phoneDevice) },
  ];
  if (customer.temper !== 'fickle') return told;
  return [...told, { at: at + 12_000, tell: (saying) => unsubscribes(saying, customer) }];
}

function pot(): Product {
  return products.find(({ product_id }) => product_id === 'P-02') ?? (products[0] as Product);
}

function orderOf(
  customer: Customer,
  count: number,
  bought: readonly Product[],
): {
  order_id: string;
  total: number;
  currency: string;
  quantity: number;
} {
  const cents = bought.reduce((sum, { price }) => sum + Math.round(price * 100), 0);
  const order_id = `order-${customer.place}-${Math.round(count)}`;
  return { order_id, total: cents / 100, currency: 'EUR', quantity: bought.length };
}
