// The shop that the benchmark makes up: whom it has, what they do, and how often. Everything follows
// from numbers, so two runs of one size hold the same people and events.
import type { JsonObject } from '@tributary/sdk';

export interface ShopSize {
  readonly profiles: number;
  readonly events: number;
}

export const day = 86_400_000;
/** The moment that all is looked at from. */
export const now: number = Date.UTC(2026, 0, 31, 12);
/** The first event; the last one is at `now`. */
export const opening: number = now - 120 * day;

/** Every fourth person has a device, on which some of her events happen before she says who she is. */
export const peoplePerDevice = 4;
export const shareOnDevice = 0.3;

export interface Happening {
  readonly type: 'page' | 'track';
  readonly name: string;
  readonly share: number;
}

/** Seldom, each one event in two hundred. */
const seldom = [
  'Product Removed',
  'Wishlist Added',
  'Coupon Applied',
  'Review Written',
  'Video Played',
  'Shop Found',
  'Ticket Opened',
  'Order Returned',
  'Newsletter Ended',
  'Address Changed',
  'Payment Failed',
  'Friend Invited',
  'Size Guide Opened',
  'Chat Started',
  'Gift Card Bought',
  'Price Watched',
  'Account Opened',
  'Survey Answered',
  'Points Redeemed',
  'Push Opened',
];

/** What happens, and the share of events that it makes. */
export const happenings: readonly Happening[] = [
  { type: 'page', name: 'Home', share: 0.14 },
  { type: 'page', name: 'Category', share: 0.18 },
  { type: 'track', name: 'Product Viewed', share: 0.28 },
  { type: 'track', name: 'Product Searched', share: 0.07 },
  { type: 'track', name: 'Product Added', share: 0.09 },
  { type: 'track', name: 'Checkout Started', share: 0.04 },
  { type: 'track', name: 'Order Completed', share: 0.03 },
  ...seldom.map((name) => ({ type: 'track', name, share: 0.005 }) as const),
  { type: 'track', name: 'Email Opened', share: 0.05 },
  { type: 'track', name: 'Email Clicked', share: 0.02 },
];

const countries = ['DE', 'AT', 'CH', 'FR', 'US', 'GB', 'PL'];
const plans = ['free', 'free', 'pro', 'free', 'team'];

export interface Shopper {
  /** Counted from 1. */
  readonly place: number;
  readonly userId: string;
  readonly email: string;
  readonly anonymousId: string | undefined;
  readonly traits: JsonObject;
  /** When she was first identified: before any event. */
  readonly identifiedAt: number;
}

export function shopperAt(place: number, { profiles }: Pick<ShopSize, 'profiles'>): Shopper {
  const email = `person-${place}@example.com`;
  return {
    place,
    userId: `user-${place}`,
    email,
    anonymousId: place % peoplePerDevice === 0 ? `device-${place}` : undefined,
    identifiedAt: opening - profiles + place - 1,
    traits: {
      email,
      country: countries[(place * 31) % countries.length] ?? '',
      plan: plans[(place * 17) % plans.length] ?? '',
      age: 18 + ((place * 7_919) % 60),
      newsletter: place % 3 === 0,
    },
  };
}
