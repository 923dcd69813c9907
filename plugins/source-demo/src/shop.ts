// A day in the shop, moment by moment, for ever. Pure: the same seed and opening give the same moments,
// so a test can repeat it, a bench can run it at full speed and a restart can go on where it was.
import type { SourceRecord } from '@tributary/sdk';
import { createAgenda } from './agenda.ts';
import { createCustomer } from './customers.ts';
import { createDice, type Dice } from './dice.ts';
import { tellHistory, type Told } from './history.ts';
import { opening, openingCustomers, openingMs } from './opening.ts';
import { visit } from './visits.ts';

export interface ShopSettings {
  readonly seed: number;
  /** Customers that the shop has, at least 10. */
  readonly customers: number;
  /** Visits that begin per minute of shop time. */
  readonly visitsPerMinute: number;
  /** Days of history that come before the first moment. */
  readonly backfillDays: number;
}

/** Some records that happen together. */
export interface Moment {
  /** Milliseconds after the shop opened. History comes first, at 0, with times of its own. */
  readonly at: number;
  readonly records: readonly SourceRecord[];
}

/** @param opensAt milliseconds since 1970 of moment 0. */
export function* createShop(settings: ShopSettings, opensAt: number): Generator<Moment> {
  const past = tellHistory(settings, opensAt);
  if (past.length > 0) yield { at: 0, records: past };
  const shop = `shop-${settings.seed}-${opensAt.toString(36)}`;
  let count = 0;
  for (const { at, tell } of happenings(settings)) {
    const messageId = `${shop}-${(count += 1)}`;
    yield { at, records: [tell({ messageId, timestamp: Math.round(opensAt + at) })] };
  }
}

/** In the order of time. */
function* happenings({ seed, customers, visitsPerMinute }: ShopSettings): Generator<Told> {
  const dice = createDice(seed);
  const agenda = createAgenda<Told>();
  for (const told of opening(seed, dice)) agenda.note(told.at, told);
  const between = 60_000 / visitsPerMinute;
  for (let visitAt = between; ; visitAt += between * (0.5 + dice.roll())) {
    const place = visitor(visitAt, customers, dice);
    if (place !== undefined) {
      const customer = createCustomer(seed, place);
      for (const told of visit(customer, visitAt, dice)) agenda.note(told.at, told);
    }
    for (let next = agenda.take(visitAt); next; next = agenda.take(visitAt)) yield next.item;
  }
}

/** In the first minute the first ten have the stage to themselves: what they show must not be undone. */
function visitor(at: number, customers: number, dice: Dice): number | undefined {
  if (at > openingMs) return dice.below(customers);
  const others = customers - openingCustomers;
  return others > 0 ? openingCustomers + dice.below(others) : undefined;
}
