// Has a source ever sent anything? What was taken of it is remembered for as long as repetitions are told apart.
import type { Store } from '../store/store.ts';
import { selectHeardFrom } from './plans.ts';

/** Of at least one of them. */
export async function hasHeardFrom(
  store: Pick<Store, 'query'>,
  sources: readonly string[],
): Promise<boolean> {
  const rows = await store.query('resolve', selectHeardFrom, [sources]);
  return rows.length > 0;
}
