// What people do in the shop when they come by.
import { pages, products } from './catalogue.ts';
import type { Customer } from './customers.ts';
import type { Dice } from './dice.ts';
import type { Told } from './history.ts';
import {
  browses,
  does,
  linksCard,
  logsIn,
  orders,
  paysInStore,
  subscribes,
  unsubscribes,
  views,
} from './say.ts';

/** Of the visits of those who come only to look. */
const winBack = 0.002;

/** Somebody comes by, as chance has it. */
export function visit(customer: Customer, at: number, dice: Dice): Told[] {
  const device = dice.chance(0.5) ? customer.phoneDevice : customer.computer;
  if (dice.chance(0.15)) return subscription(customer, at);
  const onlyLooks = customer.lapsed && !dice.chance(winBack);
  if (onlyLooks || dice.chance(0.4)) return browsing(customer, at, device, dice);
  if (dice.chance(0.18)) return storeVisit(customer, at, dice);
  return cartVisit(customer, at, device, dice, dice.chance(0.5));
}

/** Nobody knows yet who it is. */
export function browsing(customer: Customer, at: number, device: string, dice: Dice): Told[] {
  const page = dice.pick(pages);
  const product = dice.pick(products);
  return [
    { at, tell: (saying) => views(saying, customer, device, page) },
    { at: at + 800, tell: (saying) => browses(saying, customer, device, product) },
  ];
}

export function login(customer: Customer, at: number, device: string): Told {
  return { at, tell: (saying) => logsIn(saying, customer, device) };
}

/** Looks, logs in, fills the cart, and leaves it or buys. */
export function cartVisit(
  customer: Customer,
  at: number,
  device: string,
  dice: Dice,
  buys: boolean,
): Told[] {
  const product = dice.pick(products);
  const quantity = 1 + dice.below(3);
  const line = { ...product, quantity, currency: 'EUR' };
  const bought = Array.from({ length: quantity }, () => product);
  const order: Told = {
    at: at + 9_000,
    tell: (saying) => orders(saying, customer, device, bought),
  };
  const link: Told = { at: at + 2_000, tell: (saying) => linksCard(saying, customer) };
  return [
    ...browsing(customer, at, device, dice),
    login(customer, at + 1_500, device),
    { at: at + 2_500, tell: (saying) => does(saying, customer, device, 'Product Added', line) },
    ...(customer.paysByCardAlone ? [link] : []),
    ...(buys ? [order] : []),
  ];
}

export function storeVisit(customer: Customer, at: number, dice: Dice): Told[] {
  const bought = [dice.pick(products)];
  return [{ at, tell: (saying) => paysInStore(saying, customer, bought) }];
}

/** The silent never subscribe; the fickle take it back after a while. */
export function subscription(customer: Customer, at: number): Told[] {
  if (customer.temper === 'silent') return [];
  const yes: Told = { at, tell: (saying) => subscribes(saying, customer, customer.phoneDevice) };
  if (customer.temper === 'reader') return [yes];
  return [yes, { at: at + 12_000, tell: (saying) => unsubscribes(saying, customer) }];
}
