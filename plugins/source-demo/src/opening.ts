// The first minute has one of everything, whatever the seed: the first ten customers have a scene each.
import { createCustomer, type Customer } from './customers.ts';
import type { Dice } from './dice.ts';
import type { Told } from './history.ts';
import { browsing, cartVisit, login, storeVisit, subscription } from './visits.ts';

/** Milliseconds in which nobody else of the first ten comes by. */
export const openingMs = 60_000;
export const openingCustomers = 10;

type Scene = (customer: Customer, at: number, dice: Dice) => Told[];

const scenes: readonly Scene[] = [
  // Bought in the store, subscribed on the phone, logged in at the computer: one person of three.
  (customer, at, dice) => [
    ...storeVisit(customer, at, dice),
    ...subscription(customer, at + 4_000),
    ...cartVisit(customer, at + 8_000, customer.computer, dice, false),
  ],
  // The same without a word about mail.
  (customer, at, dice) => [
    ...storeVisit(customer, at, dice),
    ...cartVisit(customer, at + 8_000, customer.computer, dice, true),
  ],
  // Says yes, and takes it back.
  (customer, at) => subscription(customer, at),
  // Two who spent much once and only look: with a grant from the past, and without.
  looksAround,
  looksAround,
  // One who spent as much buys again.
  (customer, at, dice) => cartVisit(customer, at, customer.phoneDevice, dice, true),
  // Two carts are left behind: by a reader, and by somebody who never said yes.
  (customer, at, dice) => [
    ...subscription(customer, at),
    ...cartVisit(customer, at + 4_000, customer.computer, dice, false),
  ],
  (customer, at, dice) => cartVisit(customer, at, customer.phoneDevice, dice, false),
  // A browser that says no to everything, and then another person at the same computer.
  (customer, at, dice) => cartVisit(customer, at, customer.computer, dice, true),
  (customer, at, dice) => cartVisit(customer, at + 5_000, customer.computer, dice, false),
];

export function opening(seed: number, dice: Dice): Told[] {
  return scenes.flatMap((scene, place) =>
    scene(createCustomer(seed, place), 1_000 + place * 2_500, dice),
  );
}

function looksAround(customer: Customer, at: number, dice: Dice): Told[] {
  return [
    ...browsing(customer, at, customer.phoneDevice, dice),
    login(customer, at + 1_500, customer.phoneDevice),
  ];
}
