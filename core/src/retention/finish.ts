// A rule has been carried out up to its day: written down with the audit log's entry of what went.
import { appendAudit } from '../audit/append.ts';
import { isoTime, type Transaction } from '../store/store.ts';
import * as plans from './plans.ts';

export async function finishRules(
  transaction: Transaction,
  rules: readonly string[],
  now: number,
): Promise<void> {
  const done = await transaction.query<{ rule: string; before: number; removedNow: number }>(
    plans.finishRules,
    [rules, isoTime(now)],
  );
  await appendAudit(
    transaction,
    done
      .filter(({ removedNow }) => removedNow > 0)
      .map(({ rule, before, removedNow }) => ({
        kind: 'data.aged' as const,
        at: now,
        actor: 'retention',
        details: { rule, before: new Date(before).toISOString(), removed: removedNow },
      })),
  );
}
