// Deliveries that nobody will try again by themselves: durable, listed, replayable. Vendors' words
// are bounded and cleaned before they get here.
import { isoTime, type Queryable, type Transaction } from '../store/store.ts';
import type { BookKind } from './books.ts';
import { countLetters, insertDeadLetters, selectDeadLetters } from './plans.ts';

export interface NewDeadLetter {
  readonly stage: 'map' | 'consent' | 'send' | 'poll';
  readonly kind: BookKind;
  readonly list?: string;
  readonly keyHash?: string;
  readonly identifierId?: number;
  readonly number?: number;
  readonly actionId?: string;
  readonly code: string;
  readonly message: string;
}

export interface DeadLetter {
  readonly id: number;
  readonly instance: string;
  readonly stage: NewDeadLetter['stage'];
  readonly kind: BookKind;
  readonly list: string | null;
  readonly keyHash: string | null;
  readonly identifierId: number | null;
  readonly number: number | null;
  readonly actionId: string | null;
  readonly code: string;
  readonly message: string;
  readonly at: number;
  readonly state: 'open' | 'replayed' | 'dropped';
  readonly settledAt: number | null;
  readonly settledReason: string | null;
}

export interface DeadLetterFilter {
  readonly state?: DeadLetter['state'];
  readonly kind?: BookKind;
  readonly stage?: NewDeadLetter['stage'];
  readonly code?: string;
  readonly list?: string;
  readonly ids?: readonly number[];
  /** Refused at or after this moment. */
  readonly since?: number;
  /** Refused before this moment. */
  readonly until?: number;
}

const longestMessage = 1_000;

export async function addDeadLetters(
  transaction: Transaction,
  instance: string,
  letters: readonly NewDeadLetter[],
  now: number,
): Promise<void> {
  if (letters.length === 0) return;
  await transaction.query(insertDeadLetters, [
    instance,
    letters.map((letter) => letter.stage),
    letters.map((letter) => letter.kind),
    letters.map((letter) => letter.list ?? null),
    letters.map((letter) => letter.keyHash ?? null),
    letters.map((letter) => letter.identifierId ?? null),
    letters.map((letter) => letter.number ?? null),
    letters.map((letter) => letter.actionId ?? null),
    letters.map((letter) => letter.code.slice(0, 100)),
    letters.map((letter) => letter.message.slice(0, longestMessage)),
    letters.map(() => isoTime(now)),
  ]);
}

/** Oldest first, after the id `after` and up to `upTo`; undefined: of all instances. */
export async function listDeadLetters(
  queryable: Queryable,
  instance: string | undefined,
  filter: DeadLetterFilter,
  page: { readonly after: number; readonly upTo?: number; readonly limit: number } = {
    after: 0,
    limit: 100,
  },
): Promise<DeadLetter[]> {
  return queryable.query<{ -readonly [field in keyof DeadLetter]: DeadLetter[field] }>(
    selectDeadLetters,
    [...columnsOf(instance, filter), page.after, page.upTo ?? null, page.limit],
  );
}

export async function countDeadLetters(
  queryable: Queryable,
  instance: string,
  filter: DeadLetterFilter,
): Promise<{ readonly count: number; readonly lastId: number }> {
  const columns = columnsOf(instance, filter);
  const [row] = await queryable.query<{ count: number; lastId: number }>(countLetters, columns);
  return row ?? { count: 0, lastId: 0 };
}

function columnsOf(instance: string | undefined, filter: DeadLetterFilter): unknown[] {
  return [
    instance ?? null,
    filter.state ?? null,
    filter.kind ?? null,
    filter.stage ?? null,
    filter.code ?? null,
    filter.list ?? null,
    filter.ids ?? null,
    filter.since === undefined ? null : isoTime(filter.since),
    filter.until === undefined ? null : isoTime(filter.until),
  ];
}
