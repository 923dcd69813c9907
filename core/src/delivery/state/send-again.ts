// What goes at a vendor together with something else that was taken out there is sent again, whatever the
// ledger said: who is wanted on a list under a key that was erased, and fields that a profile shared with a
// list when they were emptied for the profile's sake.
import type { Transaction } from '../../store/store.ts';
import type { BookKeeper } from '../books.ts';
import { changeRules } from '../plan/plan-states.ts';
import type { Settlement } from '../send/settlement.ts';
import type { InstanceWorld } from '../world.ts';
import { reviseOpenChange } from './decide-change.ts';
import type { LedgerRow } from './ledger-row.ts';
import { lockLedgerByKeys, writeLedgerRows } from './rows.ts';

export async function sendAgainWhatWentToo(
  world: InstanceWorld,
  transaction: Transaction,
  settled: readonly LedgerRow[],
  settlements: ReadonlyMap<string, Settlement>,
  books: BookKeeper,
  now: number,
): Promise<void> {
  const lost = findLosses(world, settled, settlements);
  const rows = await lockLedgerByKeys(transaction, world.id, [...lost.keys()]);
  const rules = changeRules(world, now);
  const reopened = rows
    .filter((row) => isLost(row, lost.get(row.keyHash)))
    .map((row) => {
      const unsure: LedgerRow = { ...row, presence: 'in_doubt' };
      const step = reviseOpenChange(unsure, unsure, rules);
      books.note(row.list, row.list === '' ? 'profile' : 'audience', step.books);
      return step.row;
    });
  await writeLedgerRows(transaction, reopened);
}

/** Fields that were emptied under a key, or all that is known by it. */
type Loss = 'everything' | ReadonlySet<string>;

function findLosses(
  world: InstanceWorld,
  settled: readonly LedgerRow[],
  settlements: ReadonlyMap<string, Settlement>,
): Map<string, Loss> {
  const canErase = world.destination.plugin.erase !== undefined;
  const losses = new Map<string, Loss>();
  for (const { keyHash, list, operation, cause, sent } of settled) {
    if (operation !== 'remove' || settlements.get(keyHash)?.kind !== 'delivered') continue;
    if (canErase && cause === 'erased') losses.set(keyHash, 'everything');
    else if (list === '') losses.set(keyHash, new Set(Object.keys(sent ?? {})));
  }
  return losses;
}

function isLost({ wanted, status, presence, sent }: LedgerRow, loss: Loss | undefined): boolean {
  if (!wanted || status !== 'settled' || presence === 'absent' || loss === undefined) return false;
  return loss === 'everything' || Object.keys(sent ?? {}).some((field) => loss.has(field));
}
