// What lies beside the log and ages too: records that could not be taken, and what destinations refused.
import { ageDeadLetters } from '../delivery/forget.ts';
import { ageQuarantine } from '../intake/quarantine.ts';
import type { Transaction } from '../store/store.ts';
import { finishRules } from './finish.ts';
import * as plans from './plans.ts';
import type { RetentionWorld, RuleRow } from './world.ts';

const mostRows = 500;

type Age = (transaction: Transaction, before: number, limit: number) => Promise<number>;

const ages: Readonly<Record<string, Age>> = {
  quarantine: ageQuarantine,
  dead_letters: ageDeadLetters,
};

/** @returns true where something is left to do. */
export async function ageAside(
  rows: readonly RuleRow[],
  { store, room }: Pick<RetentionWorld, 'store' | 'room'>,
): Promise<boolean> {
  for (const { rule, before, sweptTo } of rows) {
    const age = ages[rule];
    if (age === undefined || sweptTo >= before) continue;
    return store.transaction('background', async (transaction) => {
      const removed = await age(transaction, before, mostRows);
      await transaction.query(plans.noteRemoved, [[rule], [removed]]);
      if (removed < mostRows) await finishRules(transaction, [rule], room.now());
      return true;
    });
  }
  return false;
}
