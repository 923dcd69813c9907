// Whether a destination is down is kept in memory, from call to call. That it is outlives the process: else each
// restart during an outage would cost records attempts until the calls have failed often enough once more.
import { isoTime, statement, type Queryable } from '../store/store.ts';
import type { InstanceWorld } from './world.ts';

const upsertDown = statement(
  'delivery.upsert_down',
  `INSERT INTO destination_down (instance, since) VALUES ($1, $2::timestamptz)
   ON CONFLICT (instance) DO UPDATE SET since = EXCLUDED.since`,
);
const selectDown = statement(
  'delivery.select_down',
  `SELECT since FROM destination_down WHERE instance = $1 AND since IS NOT NULL`,
);

/** Writes what memory says, where the store was told otherwise or could not be told. */
export async function rememberDown({ id, store, traffic, clock }: InstanceWorld): Promise<void> {
  const isDown = traffic.isDown();
  if (traffic.toldDown() === isDown) return;
  const since = isDown ? isoTime(clock.now()) : null;
  await store.transaction('gate', (transaction) => transaction.query(upsertDown, [id, since]));
  traffic.tell(isDown);
}

/** After a start. The first call tells whether it still is. */
export async function recallDown(
  { id, traffic }: InstanceWorld,
  queryable: Queryable,
): Promise<void> {
  const [row] = await queryable.query(selectDown, [id]);
  if (row !== undefined) traffic.assumeDown();
}
