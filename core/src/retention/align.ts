// Brings what counts in line with config and the day: with resolve's cursor locked, so that whatever is
// resolved later goes by it, and whatever was resolved before is gone through.
import { lockResolved } from '../resolve/lock-resolved.ts';
import { isoTime, type Transaction } from '../store/store.ts';
import * as plans from './plans.ts';
import { horizonOf, isOfLog, retentionRules, type RetentionRule } from './rules.ts';
import type { RetentionWorld, RuleRow } from './world.ts';

export type DatedRule = RetentionRule & { readonly before: number };

export function datedRules({ config, room }: Pick<RetentionWorld, 'config' | 'room'>): DatedRule[] {
  const now = room.now();
  return retentionRules(config).map((rule) => ({ ...rule, before: horizonOf(rule, now) }));
}

/** @returns the rules as they stand then. */
export async function align(
  rows: readonly RuleRow[],
  rules: readonly DatedRule[],
  { store }: Pick<RetentionWorld, 'store'>,
): Promise<readonly RuleRow[]> {
  const known = new Map(rows.map((row) => [row.rule, row]));
  const moved = rules.filter((rule) => !stands(rule, known.get(rule.name)));
  if (moved.length === 0 && rows.length === rules.length) return rows;
  return store.transaction('resolve', async (transaction) => {
    const resolved = await lockResolved(transaction);
    await transaction.query(plans.alignRules, [
      moved.map(({ name }) => name),
      moved.map(({ print }) => print),
      moved.map(({ before }) => isoTime(before)),
    ]);
    await transaction.query(plans.dropOtherRules, [rules.map(({ name }) => name)]);
    if (moved.some(isOfLog)) await transaction.query(plans.beginWalk, [resolved]);
    return readRows(transaction);
  });
}

function stands({ before, print }: DatedRule, row: RuleRow | undefined): boolean {
  return row?.before === before && row.print === print;
}

export function readRows(queryable: Pick<Transaction, 'query'>): Promise<RuleRow[]> {
  return queryable.query<RuleRow>(plans.selectRows);
}
