// Counts rows in the order of a key, slice by slice, so that on the embedded store nobody waits for the whole.
import type { Queryable, Statement } from './store.ts';

/** Rows of one statement: an index's own pages, a few milliseconds. */
const sliceRows = 5_000;

/**
 * @param statement answers `count` and `last`, the greatest key, of at most $2 rows whose key is greater than
 * $1; further parameters follow.
 */
export async function countSlices(
  queryable: Queryable,
  statement: Statement,
  first: string,
  parameters: readonly unknown[] = [],
): Promise<number> {
  let sum = 0;
  for (let after = first; ;) {
    const [row] = await queryable.query<{ count: number; last: string | null }>(statement, [
      after,
      sliceRows,
      ...parameters,
    ]);
    sum += row?.count ?? 0;
    if (row === undefined || row.last === null || row.count < sliceRows) return sum;
    after = row.last;
  }
}
