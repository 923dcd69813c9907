// Members that a vendor would forget unless they are sent again in time.
import { isoTime } from '../../store/store.ts';
import { createBookKeeper } from '../books.ts';
import { openNextChange } from '../state/decide-change.ts';
import { selectRefreshDue } from '../state/plans.ts';
import { lockLedgerByKeys, writeLedgerRows } from '../state/rows.ts';
import type { InstanceWorld } from '../world.ts';
import { changeRules } from './plan-states.ts';

const sliceSize = 500;

/** True when some were made due. */
export async function refreshMembers(world: InstanceWorld, now: number): Promise<boolean> {
  if (world.destination.plugin.audiences?.refreshAfterMs === undefined) return false;
  return world.store.transaction('background', async (transaction) => {
    const due = await transaction.query<{ keyHash: string }>(selectRefreshDue, [
      world.id,
      isoTime(now),
      sliceSize,
    ]);
    if (due.length === 0) return false;
    const keyHashes = due.map((row) => row.keyHash);
    const rows = await lockLedgerByKeys(transaction, world.id, keyHashes);
    const books = createBookKeeper(world.id);
    const steps = rows
      .filter((row) => row.status === 'settled')
      .map((row) => openNextChange(row, changeRules(world, now)));
    for (const { row, books: entry } of steps) {
      books.note(row.list, row.list === '' ? 'profile' : 'audience', entry);
    }
    await writeLedgerRows(
      transaction,
      steps.map((step) => step.row),
    );
    await books.write(transaction);
    return true;
  });
}
