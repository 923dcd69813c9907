// A vendor that has erased a key has forgotten it everywhere: who is wanted there under the same key is
// not there any more, whatever the ledger said.
import type { Transaction } from '../../store/store.ts';
import type { BookKeeper } from '../books.ts';
import { changeRules } from '../plan/plan-states.ts';
import type { Settlement } from '../send/settlement.ts';
import type { InstanceWorld } from '../world.ts';
import { reviseOpenChange } from './decide-change.ts';
import type { LedgerRow } from './ledger-row.ts';
import { lockLedgerByKeys, writeLedgerRows } from './rows.ts';

export async function sendAgainAfterErasure(
  world: InstanceWorld,
  transaction: Transaction,
  settled: readonly LedgerRow[],
  settlements: ReadonlyMap<string, Settlement>,
  books: BookKeeper,
  now: number,
): Promise<void> {
  if (world.destination.plugin.erase === undefined) return;
  const keyHashes = settled
    .filter(({ cause, operation }) => cause === 'erased' && operation === 'remove')
    .map(({ keyHash }) => keyHash)
    .filter((keyHash) => settlements.get(keyHash)?.kind === 'delivered');
  const rows = await lockLedgerByKeys(transaction, world.id, keyHashes);
  const rules = changeRules(world, now);
  const reopened = rows
    .filter(
      ({ wanted, status, presence }) => wanted && status === 'settled' && presence !== 'absent',
    )
    .map((row) => {
      const unsure: LedgerRow = { ...row, presence: 'in_doubt' };
      const step = reviseOpenChange(unsure, unsure, rules);
      books.note(row.list, row.list === '' ? 'profile' : 'audience', step.books);
      return step.row;
    });
  await writeLedgerRows(transaction, reopened);
}
