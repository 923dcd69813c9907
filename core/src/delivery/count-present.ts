// How many vendor keys may be at a destination now, on whichever list.
import type { Queryable } from '../store/store.ts';
import { countPresentKeys } from './state/plans.ts';

export async function countPresent(queryable: Queryable, instance: string): Promise<number> {
  const [row] = await queryable.query<{ count: number }>(countPresentKeys, [instance]);
  return row?.count ?? 0;
}
