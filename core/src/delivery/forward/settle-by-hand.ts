// A forwarded event in doubt is settled by a person who looked at the other side.
import { createBookKeeper } from '../books.ts';
import { isoTime } from '../../store/store.ts';
import type { InstanceWorld } from '../world.ts';
import { deleteForward, lockForward, updateForward } from './plans.ts';

/** False where there is no such event in doubt. `not_delivered` makes it due again. */
export async function settleEventByHand(
  world: InstanceWorld,
  number: number,
  verdict: 'delivered' | 'not_delivered',
  by: string,
): Promise<boolean> {
  return world.store.transaction('gate', async (transaction) => {
    const [row] = await transaction.query<{ attempts: number }>(lockForward, [
      world.id,
      [number],
      'in_doubt',
    ]);
    if (row === undefined) return false;
    const books = createBookKeeper(world.id);
    if (verdict === 'delivered') {
      await transaction.query(deleteForward, [world.id, [number]]);
      books.note('', 'event', { delivered: 1 });
    } else {
      const now = isoTime(world.clock.now());
      const again = [[number], ['due'], [null], [row.attempts], [now], [null]];
      await transaction.query(updateForward, [world.id, ...again, now]);
    }
    await books.write(transaction);
    const details = { number, verdict, by };
    await world.audit(transaction, [{ kind: 'event.settled', instance: world.id, details }]);
    return true;
  });
}
