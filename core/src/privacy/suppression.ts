// Who was erased is kept out by keyed hash: a stale import must not bring her back. What a record may do
// is decided where it is accepted, once and for all, so that a rebuild from the log gives the same.
import { isoTime, type Queryable, type Transaction } from '../store/store.ts';
import {
  liftSuppressions,
  selectSuppressions,
  upsertAgedSuppressions,
  upsertSuppressions,
} from './plans.ts';

export interface Suppressed {
  readonly hash: string;
  /** Up to when she is erased. */
  readonly at: number;
}

export async function suppress(
  transaction: Transaction,
  suppressed: readonly Suppressed[],
): Promise<void> {
  if (suppressed.length === 0) return;
  await transaction.query(upsertSuppressions, [
    suppressed.map(({ hash }) => hash),
    suppressed.map(({ at }) => isoTime(at)),
  ]);
}

/** Keeps out what is older alone. Who is kept out because she asked for it stays so. */
export async function suppressAged(
  transaction: Transaction,
  suppressed: readonly Suppressed[],
): Promise<void> {
  if (suppressed.length === 0) return;
  await transaction.query(upsertAgedSuppressions, [
    suppressed.map(({ hash }) => hash),
    suppressed.map(({ at }) => isoTime(at)),
    suppressed.map(({ at }) => isoTime(at + 1)),
  ]);
}

/** A type, so that rows can be read as it. */
export type Suppression = Suppressed & {
  /** Since when she is back. */
  readonly returnedAt: number | null;
};

/** What is known of those of the identifiers that were ever erased, by hash. */
export async function loadSuppressions(
  queryable: Queryable,
  hashes: readonly string[],
): Promise<Map<string, Suppression>> {
  if (hashes.length === 0) return new Map();
  const rows = await queryable.query<Suppression>(selectSuppressions, [hashes]);
  return new Map(rows.map((row) => [row.hash, row]));
}

/** From a time on these identifiers may be known again. */
export async function lift(transaction: Transaction, lifted: readonly Suppressed[]): Promise<void> {
  if (lifted.length === 0) return;
  await transaction.query(liftSuppressions, [
    lifted.map(({ hash }) => hash),
    lifted.map(({ at }) => isoTime(at)),
  ]);
}

/** What is known of her once she is erased up to a time. Pure; says what the store is told by `suppress`. */
export function decideErasure(
  known: Suppression | undefined,
  { hash, at }: Suppressed,
  byAge: boolean,
): Suppression {
  if (known !== undefined && at <= known.at) return known;
  if (byAge) return known?.returnedAt === null ? known : { hash, at, returnedAt: at + 1 };
  const returnedAt = known?.returnedAt ?? null;
  return { hash, at, returnedAt: returnedAt !== null && returnedAt > at ? returnedAt : null };
}

/** What of a record decides whether somebody who was erased may be known by it. */
export interface Return {
  readonly at: number;
  readonly historical: boolean;
  /** It says that she herself was there: authenticated, or a grant of hers. */
  readonly mayReturn: boolean;
}

export type SuppressionVerdict =
  | 'known' // she is back, or comes back by this
  | 'before_erasure'
  | 'back_fill'
  | 'not_returned';

/** Pure. */
export function decideSuppression(
  { at: erasedAt, returnedAt }: Suppression,
  { at, historical, mayReturn }: Return,
): SuppressionVerdict {
  if (at <= erasedAt) return 'before_erasure';
  if (returnedAt !== null && at >= returnedAt) return 'known';
  if (historical) return 'back_fill';
  return mayReturn ? 'known' : 'not_returned';
}
