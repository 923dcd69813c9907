// Writes down how deliveries ended. The request has been made; if the store does not answer now,
// the outcome is kept and written when it does. If the process dies first, the rows say `sending`
// and are in doubt at the next start.
import type { Transaction } from '../../store/store.ts';
import type { InstanceWorld } from '../world.ts';

const longestPauseMs = 10_000;

export async function persist(
  world: InstanceWorld,
  work: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await world.store.transaction('gate', work);
    } catch (error) {
      if (world.signal.aborted) throw error;
      const message = error instanceof Error ? error.message : 'unknown failure';
      world.log.error(`${world.id}: an outcome could not be written`, { message, failures });
      await world.clock.sleep(Math.min(longestPauseMs, 100 * 2 ** failures), world.signal);
    }
  }
}
