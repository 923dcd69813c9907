// What every client tells of its one person, and what the hub shall know of her afterwards. Times are in
// the past and stated, so that the outcome is the same whenever it runs.

export const bound = { pings: 20 };
const startsAt = Date.UTC(2026, 0, 15, 10);

/** The time of the nth thing that happens. */
export function timeOf(place: number): Date {
  return new Date(startsAt + place * 1_000);
}

export interface Person {
  readonly userId: string;
  readonly email: string;
  /** The device she was first seen on, and is logged in on. */
  readonly device: string;
  /** Another one, that only the alias ties to her. */
  readonly otherDevice: string;
}

/** Devices have the form that all client libraries give them. */
export function createPerson(name: string, place: number): Person {
  const uuid = (last: number): string =>
    `5f1c9a04-3b0e-4c57-8d1e-${String(place * 10 + last).padStart(12, '0')}`;
  return {
    userId: `${name}-user`,
    email: `${name}@example.com`,
    device: uuid(1),
    otherDevice: uuid(2),
  };
}

export interface EventReading {
  readonly type: string;
  readonly name: string;
  readonly at: string;
  readonly properties: unknown;
}

export interface ProfileReading {
  readonly traits: Readonly<Record<string, unknown>>;
  readonly identifiers: readonly string[];
  readonly events: readonly EventReading[];
}

const event = (type: string, name: string, place: number, properties: unknown): EventReading => ({
  type,
  name,
  at: timeOf(place).toISOString(),
  properties,
});

export const order = { total: 24.5, currency: 'EUR', products: [{ sku: 'T-01', quantity: 2 }] };
export const groupTraits = { employees: 3 };

/**
 * Oldest first.
 * @param page what the client adds to a page's properties by itself
 */
export function expectedProfile(person: Person, page: object): ProfileReading {
  const pings = Array.from({ length: bound.pings }, (_, place) =>
    event('track', 'Pinged', 10 + place, { place }),
  );
  return {
    traits: { email: person.email, plan: 'pro' },
    identifiers: [
      `anonymous_id:${person.device}`,
      `anonymous_id:${person.otherDevice}`,
      `email:${person.email}`,
      `user_id:${person.userId}`,
    ],
    events: [
      event('track', 'Product Viewed', 0, { sku: 'T-01' }),
      event('page', 'Home', 1, { ...page, path: '/', referrer: '' }),
      event('track', 'Order Completed', 3, order),
      event('group', 'acme', 4, groupTraits),
      ...pings,
    ],
  };
}
