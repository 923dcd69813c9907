// What delivery knows of whom it sent where, for those who ask about a person, and how it forgets her.
import { isoTime } from '../store/store.ts';
import type { Store, Transaction, Queryable, Statement } from '../store/store.ts';
import { createBookKeeper } from './books.ts';
import * as plans from './disclosure/plans.ts';

/** One way in which a destination was shown an identifier. A type, so that rows can be read as it. */
export type DisclosedScope = {
  readonly instance: string;
  readonly scope: string;
  readonly hash: string;
  readonly fields: readonly string[];
  readonly firstAt: number;
  readonly lastAt: number;
};

export function readDisclosures(
  queryable: Queryable,
  hashes: readonly string[],
): Promise<DisclosedScope[]> {
  return queryable.query<DisclosedScope>(plans.selectScopes, [hashes]);
}

/** @param erased by keyed hash; of who is known again only what was shown before `upTo`. */
export async function forgetDisclosures(
  transaction: Transaction,
  erased: readonly { readonly hash: string; readonly upTo?: number }[],
): Promise<void> {
  const parameters = [
    erased.map(({ hash }) => hash),
    erased.map(({ upTo = Infinity }) => isoTime(upTo)),
  ];
  await transaction.query(plans.deleteDisclosures, parameters);
  await transaction.query(plans.shortenDisclosures, parameters);
}

/**
 * At the end of an erasure: what was kept so that she could be taken out is needed no more, whoever took her
 * out. Can be repeated.
 */
export async function forgetKeys(store: Store, hashes: readonly string[]): Promise<void> {
  await store.transaction('background', async (transaction) => {
    // Who comes back meanwhile has a row of hers: what that says is looked at once it is held.
    await transaction.query(plans.lockKeys, [hashes]);
    const rows = await transaction.query<ForgottenRow>(plans.forgetKeys, [hashes]);
    const open = rows.filter(({ status }) => openStatuses.has(status));
    for (const [instance, own] of Map.groupBy(open, (row) => row.instance)) {
      const books = createBookKeeper(instance);
      for (const { list } of own) {
        books.note(list, list === '' ? 'profile' : 'audience', { superseded: 1 });
      }
      await books.write(transaction);
    }
  });
}

/** What vendors have said since of keys that are forgotten. */
export async function clearStrayWords(store: Store): Promise<void> {
  await clearSlices(store, [], 0, plans.selectLetterRange, plans.clearLetters);
}

type ForgottenRow = { readonly instance: string; readonly list: string; readonly status: string };

/** Of a change that has no outcome in the books. */
const openStatuses: ReadonlySet<string> = new Set(['due', 'sending', 'polling']);

/** A field of people's data at one destination. */
export type ProcessedField = {
  readonly instance: string;
  readonly scope: string;
  readonly field: string;
  readonly purpose: string;
  readonly people: number;
  readonly firstAt: number;
  readonly lastAt: number;
};

/** What something was allowed by, and when first and last. A type, so that rows can be read as it. */
export type DatedBasis = {
  readonly instance: string;
  readonly scope: string;
  readonly purpose: string;
  readonly basis: string;
  readonly firstAt: number;
  readonly lastAt: number;
};

/** By keyed hash of the identifier that was shown. */
export function readBasesOf(
  queryable: Queryable,
  hashes: readonly string[],
): Promise<(DatedBasis & { readonly hash: string })[]> {
  return queryable.query<DatedBasis & { readonly hash: string }>(plans.selectBasesOf, [hashes]);
}

export function readProcessingBases(queryable: Queryable): Promise<DatedBasis[]> {
  return queryable.query<DatedBasis>(plans.selectProcessingBases);
}

export function readProcessing(queryable: Queryable): Promise<ProcessedField[]> {
  return queryable.query<ProcessedField>(plans.selectProcessing);
}

/** Takes away vendors' words that hold one of the values (in lower case), slice by slice. */
export async function clearWords(
  store: Store,
  values: readonly string[],
  instances: readonly string[],
): Promise<void> {
  if (values.length === 0) return;
  await clearSlices(store, values, 0, plans.selectLetterRange, plans.clearLetters);
  await clearSlices(store, values, firstAction, plans.selectActionRange, plans.clearActions);
  await store.query('background', plans.clearForward, [values]);
  await store.query('background', plans.clearInstances, [values]);
  for (const instance of instances) {
    await store.query('background', plans.clearLedger, [values, instance]);
  }
}

const firstAction = '00000000-0000-0000-0000-000000000000';

async function clearSlices(
  store: Store,
  values: readonly string[],
  first: number | string,
  selectRange: Statement,
  clear: Statement,
): Promise<void> {
  for (let after = first; ;) {
    const [range] = await store.query<{ last: number | string | null }>('background', selectRange, [
      after,
    ]);
    const last = range?.last ?? undefined;
    if (last === undefined) return;
    await store.query('background', clear, [values, after, last]);
    after = last;
  }
}

/**
 * Settled dead letters from before a moment go; open ones wait for a person still, without the vendor's
 * words. @returns how many.
 */
export async function ageDeadLetters(
  transaction: Transaction,
  before: number,
  limit: number,
): Promise<number> {
  const aged = await transaction.query(plans.ageLetters, [isoTime(before), limit]);
  return aged.length;
}
