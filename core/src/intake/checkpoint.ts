// Where a source stands, as the hub last committed it.
import type { JsonValue } from '@tributary/sdk';
import type { Store } from '../store/store.ts';
import { selectCheckpoint } from './plans.ts';

/** undefined: the source has not committed one yet. */
export async function readCheckpoint(store: Store, source: string): Promise<JsonValue | undefined> {
  const [row] = await store.query<{ value: JsonValue }>('background', selectCheckpoint, [source]);
  return row?.value;
}
