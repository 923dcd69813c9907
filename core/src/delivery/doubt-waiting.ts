// What waited when a backup was taken may have gone out since: what happens once is never repeated on the
// word of an older store. A person who looks at the vendor settles it.
import { isoTime, type Transaction } from '../store/store.ts';
import { doubtActions } from './action/plans.ts';
import { createBookKeeper } from './books.ts';
import { doubtForward, doubtParked } from './forward/plans.ts';
import { restoredMeanwhile, type InstanceWorld } from './world.ts';

/** Of what is parked, in one transaction. */
const sliceSize = 2_000;

/** Before the instance runs. Can be repeated. */
export async function doubtWaiting(world: InstanceWorld): Promise<void> {
  const { store, destination, id } = world;
  // The vendor drops a repetition.
  const repeatsEvents = destination.plugin.events?.idempotent ?? false;
  await store.transaction('background', async (transaction) => {
    await transaction.query(doubtActions, [id, restoredMeanwhile]);
    if (!repeatsEvents) await transaction.query(doubtForward, [id, restoredMeanwhile]);
  });
  if (repeatsEvents) return;
  for (let moved = sliceSize; moved === sliceSize;) {
    moved = await store.transaction('background', (transaction) => doubtSlice(world, transaction));
  }
}

async function doubtSlice(world: InstanceWorld, transaction: Transaction): Promise<number> {
  const now = isoTime(world.clock.now());
  const slice = [world.id, restoredMeanwhile, now, sliceSize];
  const rows = await transaction.query(doubtParked, slice);
  const books = createBookKeeper(world.id);
  books.note('', 'event', { planned: rows.length });
  await books.write(transaction);
  return rows.length;
}
