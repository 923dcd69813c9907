// How many events the log holds.
import { statement, type Store } from '../store/store.ts';

const selectLast = statement('resolve.count_log', `SELECT last FROM log_head`);

export async function countLog(store: Store): Promise<number> {
  const [head] = await store.query<{ last: number }>('background', selectLast);
  return head?.last ?? 0;
}
