// Lets data age: what is older than config keeps it counts no more, and is taken out of the log and every table
// a slice at a time. Each slice commits with the place it has reached, so that it goes on after a crash.
import { readerOf } from '../store/reader.ts';
import type { Queryable } from '../store/store.ts';
import { ageAside } from './age-aside.ts';
import { align, datedRules, readRows } from './align.ts';
import { forgetPeople } from './forget-people.ts';
import {
  horizonOf,
  nextHorizon,
  retentionRules,
  type RetentionConfig,
  type RetentionRule,
} from './rules.ts';
import { walkSlice } from './walk.ts';
import type { RetentionWorld, RuleRow } from './world.ts';

/**
 * All of the log at once, before anything is sent: a store from a backup holds what has gone since. Needs
 * nobody who resolves.
 */
export async function ageLog(world: RetentionWorld): Promise<void> {
  const known = await readRows(readerOf(world.store));
  const rules = datedRules(world);
  if (known.length === 0 && rules.length === 0) return;
  await align(known, rules, world);
  while (await walkSlice(world));
}

/** One step of what is due; true when there is more to do at once. */
export async function letAge(world: RetentionWorld): Promise<boolean> {
  const known = await readRows(readerOf(world.store));
  const rules = datedRules(world);
  if (known.length === 0 && rules.length === 0) return false;
  const rows = await align(known, rules, world);
  if (rows.every(({ sweptTo, before }) => sweptTo >= before)) return false;
  return (await walkSlice(world)) || (await ageAside(rows, world)) || forgetPeople(rows, world);
}

export interface RetentionView {
  readonly rule: string;
  readonly keepMs: number;
  /** What is dated before counts no more; undefined: the rule is new. */
  readonly before: number | undefined;
  /** All that counts no more by now is gone, from the log and every table. */
  readonly isDone: boolean;
  /** Where it is not: from when on something counts no more that is still there. */
  readonly dueSince: number | undefined;
  /** Records, people or entries: in all, and by the run under way or else the last one. */
  readonly removed: number;
  readonly removedLast: number;
  readonly finishedAt: number | undefined;
}

export async function readRetention(
  queryable: Queryable,
  config: RetentionConfig,
  now: number,
): Promise<RetentionView[]> {
  const rows = new Map((await readRows(queryable)).map((row) => [row.rule, row]));
  return retentionRules(config).map((rule) => {
    const row = rows.get(rule.name);
    const dueSince = findDueSince(rule, row, now);
    return {
      rule: rule.name,
      keepMs: rule.keepMs,
      before: row?.before,
      isDone: dueSince === undefined,
      dueSince,
      removed: row?.removed ?? 0,
      removedLast: row?.removedNow ?? 0,
      finishedAt: row?.finishedAt ?? undefined,
    };
  });
}

/** By the day of now and not by the one on which it was last carried out: that may have been long ago. */
function findDueSince(
  rule: RetentionRule,
  row: RuleRow | undefined,
  now: number,
): number | undefined {
  const before = horizonOf(rule, now);
  // Nobody has begun with it as it is now; since today at least.
  if (row?.print !== rule.print) return before + rule.keepMs;
  if (row.sweptTo >= before) return undefined;
  const firstLeft = row.sweptTo >= row.before ? nextHorizon(row.sweptTo) : row.before;
  return Math.min(firstLeft, before) + rule.keepMs;
}
