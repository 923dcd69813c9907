// Since when each action stands in config. Who was in its audience before never causes it.
import { isoTime, type Queryable, type Transaction } from '../../store/store.ts';
import type { InstanceWorld } from '../world.ts';
import { deleteActionRules, insertActionRules, selectActionRules } from './plans.ts';

export async function noteActionRules(
  world: InstanceWorld,
  transaction: Transaction,
  now: number,
): Promise<void> {
  const { actions } = world.settings;
  const names = actions.map((rule) => rule.action);
  const audiences = actions.map((rule) => rule.audience);
  await transaction.query(deleteActionRules, [world.id, names, audiences]);
  await transaction.query(insertActionRules, [world.id, names, audiences, isoTime(now)]);
}

/** Keyed by `ruleKey`. */
export async function loadRuleStarts(
  queryable: Queryable,
  instance: string,
): Promise<Map<string, number>> {
  const rows = await queryable.query<{ name: string; audience: string; since: number }>(
    selectActionRules,
    [instance],
  );
  return new Map(rows.map((row) => [ruleKey(row.name, row.audience), row.since]));
}

export function ruleKey(name: string, audience: string): string {
  return JSON.stringify([name, audience]);
}
