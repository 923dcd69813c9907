// What delivery knows of whom it sent where, for those who ask about a person, and how it forgets her.
import type { Store, Transaction, Queryable, Statement } from '../store/store.ts';
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

export async function forgetDisclosures(
  transaction: Transaction,
  hashes: readonly string[],
): Promise<void> {
  await transaction.query(plans.deleteDisclosures, [hashes]);
}

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
