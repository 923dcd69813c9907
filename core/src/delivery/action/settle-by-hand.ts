// An action in doubt is settled by a person who looked at the vendor.
import { createBookKeeper } from '../books.ts';
import type { InstanceWorld } from '../world.ts';
import { lockActions } from './plans.ts';
import { writeSteps, type ActionRow, type OnceStep } from './settle-actions.ts';

/** False where there is no such action in doubt. `not_delivered` makes it due again. */
export async function settleActionByHand(
  world: InstanceWorld,
  id: string,
  verdict: 'delivered' | 'not_delivered',
  reason: string,
  by: string,
): Promise<boolean> {
  const now = world.clock.now();
  return world.store.transaction('gate', async (transaction) => {
    const [row] = await transaction.query<ActionRow>(lockActions, [[id], 'in_doubt']);
    if (row === undefined || row.instance !== world.id) return false;
    const delivered = verdict === 'delivered';
    const step: OnceStep = {
      status: delivered ? 'delivered' : 'due',
      job: null,
      attempts: row.attempts,
      dueAt: delivered ? null : now,
      reason,
      books: delivered ? { delivered: 1 } : {},
    };
    await writeSteps(transaction, [{ row, step }], now);
    const books = createBookKeeper(world.id);
    books.note(row.name, 'action', step.books);
    await books.write(transaction);
    const details = { action: id, verdict, by };
    await world.audit(transaction, [{ kind: 'action.settled', instance: world.id, details }]);
    return true;
  });
}
