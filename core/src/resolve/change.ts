// Changes that a destination may see are numbered. The row is locked until the commit, so a reader who
// has seen change n has seen all before it.
import { nextChange } from './plans.ts';
import type { Transaction } from '../store/store.ts';

export async function takeChange(transaction: Transaction): Promise<number> {
  const [row] = await transaction.query<{ last: number }>(nextChange);
  if (!row)
    throw new Error('STORE_INCOMPLETE: change_head: no row, one was expected. Restore the store.');
  return row.last;
}
