// Asks the vendor how a job stands that it took earlier.
import { isoTime } from '../../store/store.ts';
import { pollJob } from '../send/poll-job.ts';
import type { InstanceWorld } from '../world.ts';
import type { Operation } from './ledger-row.ts';
import { claimJob, selectDueJob } from './plans.ts';
import { readLedgerRows } from './rows.ts';
import { settleStates } from './settle-states.ts';

/** True when a job was asked about. */
export async function pollStates(world: InstanceWorld): Promise<boolean> {
  const now = world.clock.now();
  const [due] = await world.store.query<{ list: string; operation: Operation; job: string }>(
    'gate',
    selectDueJob,
    [world.id, isoTime(now)],
  );
  if (due === undefined) return false;
  const { list, operation, job } = due;
  const rows = await world.store.transaction('gate', async (transaction) => {
    const again = isoTime(now + world.limits.timeoutMs + world.limits.pollAfterMs);
    const claimed = await transaction.query<{ keyHash: string }>(claimJob, [
      world.id,
      list,
      job,
      operation,
      again,
    ]);
    const keyHashes = claimed.map((row) => row.keyHash);
    return readLedgerRows(transaction, world.id, list, keyHashes);
  });
  const deliveries = rows.map((row) => ({
    handle: row.keyHash,
    key: row.vendorKey,
    identifier: { namespace: row.namespace, value: row.value },
    ...(row.vendorId !== null && { vendorId: row.vendorId }),
  }));
  const settlements = await pollJob(world, job, deliveries);
  await settleStates(world, list, { job }, settlements);
  return true;
}
