// After a start: what the last process had under way when it ended. States are in doubt already and
// become due again; what happens once is repeated only where the vendor drops a repetition.
import { isoTime } from '../store/store.ts';
import { recoverInDoubt, recoverRepeatable } from './action/plans.ts';
import { recoverForward } from './forward/plans.ts';
import { recoverSending } from './state/plans.ts';
import { recallDown } from './remember-down.ts';
import type { InstanceWorld } from './world.ts';

export async function recover(world: InstanceWorld): Promise<void> {
  const { actions, events } = world.destination.plugin;
  const repeatable = Object.entries(actions ?? {})
    .filter(([, action]) => action.idempotent)
    .map(([name]) => name);
  const now = isoTime(world.clock.now());
  await world.store.transaction('gate', async (transaction) => {
    await transaction.query(recoverSending, [world.id, now]);
    await transaction.query(recoverRepeatable, [world.id, now, repeatable]);
    await transaction.query(recoverInDoubt, [world.id]);
    await recallDown(world, transaction);
    await transaction.query(recoverForward, [world.id, now, events?.idempotent ?? false]);
  });
}
