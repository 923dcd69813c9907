// What the shop's old system knew: among its customers some who spent much and have not bought for long.
import type { SourceRecord } from '@tributary/sdk';
import { kettle, products } from './catalogue.ts';
import { createCustomer, type Customer } from './customers.ts';
import { createDice, type Dice } from './dice.ts';
import { orders, wasKnown, type Saying } from './say.ts';

export interface HistorySettings {
  readonly seed: number;
  readonly customers: number;
  readonly backfillDays: number;
}

/** Something that somebody did, and how to put it into words. */
export interface Told {
  /** Milliseconds after the shop opened; history lies before 0. */
  readonly at: number;
  tell(saying: Saying): SourceRecord;
}

const day = 86_400_000;
/** The old system knew the first so many. */
const mostKnown = 40;

/**
 * Ids are made of the customer and a count: they stay the same when other settings change, so that
 * nobody's past is told twice.
 */
export function tellHistory(settings: HistorySettings, opensAt: number): SourceRecord[] {
  const { seed, customers, backfillDays } = settings;
  const dice = createDice(seed + 1);
  const places = Array.from({ length: Math.min(customers, mostKnown) }, (_, place) => place);
  return places.flatMap((place) => {
    const past = pastOf(createCustomer(seed, place), dice);
    return cut(past, -backfillDays * day).map(({ at, tell, count }) =>
      tell({
        messageId: `shop-${seed}-past-${place}-${count}`,
        timestamp: Math.round(opensAt + at),
        historical: true,
      }),
    );
  });
}

interface Past {
  readonly knownSince: number;
  readonly lastAt: number;
  readonly told: readonly (Told & { readonly count: number })[];
  tellKnown(saying: Saying): SourceRecord;
}

function pastOf(customer: Customer, dice: Dice): Past {
  const spentMuch = customer.lapsed || customer.returning;
  const lastAt = -(spentMuch ? 61 + dice.below(90) : 1 + dice.below(50)) * day;
  const count = spentMuch ? 5 + dice.below(4) : dice.below(3);
  const told = Array.from({ length: count }, (_, index) => {
    const bought = spentMuch ? [kettle, dice.pick(products)] : [dice.pick(products)];
    return {
      at: lastAt - index * 3 * day,
      count: index + 1,
      tell: (saying: Saying) => orders(saying, customer, undefined, bought),
    };
  });
  const knownSince = lastAt - 30 * day;
  return { knownSince, lastAt, told, tellKnown: (saying) => wasKnown(saying, customer) };
}

/** Who was there before the history begins is known from its first day on; who was gone by then is not. */
function cut(past: Past, from: number): (Told & { readonly count: number })[] {
  if (past.lastAt < from) return [];
  const known = { at: Math.max(past.knownSince, from), count: 0, tell: past.tellKnown };
  return [known, ...past.told.filter(({ at }) => at >= from)];
}
