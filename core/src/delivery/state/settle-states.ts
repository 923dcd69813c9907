// Writes how changes ended: rows, books, dead letters and the audit entry in one transaction.
import { createBookKeeper } from '../books.ts';
import { addDeadLetters, type NewDeadLetter } from '../dead-letters.ts';
import { waitMs } from '../send/backoff.ts';
import { persist } from '../send/persist.ts';
import type { Settlement } from '../send/settlement.ts';
import { changeRules } from '../plan/plan-states.ts';
import { discloseStates, noteErasureAnswers } from '../disclosure/note-disclosures.ts';
import { sendAgainAfterErasure } from './after-erasure.ts';
import type { InstanceWorld } from '../world.ts';
import { dropErasedRows, lockLedgerRows, writeLedgerRows } from './rows.ts';
import { settleChange, type SettledStep, type SettleRules } from './settle-change.ts';

export async function settleStates(
  world: InstanceWorld,
  list: string,
  from: 'sending' | 'polling',
  settlements: ReadonlyMap<string, Settlement>,
): Promise<void> {
  if (settlements.size === 0) return;
  const now = world.clock.now();
  const kind = list === '' ? 'profile' : 'audience';
  await persist(world, async (transaction) => {
    const keyHashes = [...settlements.keys()];
    const rows = await lockLedgerRows(transaction, world.id, list, keyHashes, from);
    const books = createBookKeeper(world.id);
    const letters: NewDeadLetter[] = [];
    const steps: SettledStep[] = [];
    for (const row of rows) {
      const settlement = settlements.get(row.keyHash);
      if (settlement === undefined) continue;
      const step = settleChange(row, settlement, settleRules(world, now));
      steps.push(step);
      books.note(list, kind, step.books);
      if (step.deadLetter === undefined) continue;
      const stage = from === 'sending' ? 'send' : 'poll';
      const { keyHash, identifierId } = row;
      letters.push({ stage, kind, list, keyHash, identifierId, ...step.deadLetter });
    }
    await writeLedgerRows(
      transaction,
      steps.map((step) => step.row),
    );
    await discloseStates(world, transaction, rows, settlements);
    await noteErasureAnswers(world, transaction, rows, settlements);
    await sendAgainAfterErasure(world, transaction, rows, settlements, books, now);
    await dropErasedRows(
      transaction,
      world.id,
      steps.map((step) => step.row),
    );
    await addDeadLetters(transaction, world.id, letters, now);
    await books.write(transaction);
    await world.audit(transaction, [
      { kind: `${kind}.${from}`, instance: world.id, details: countKinds(list, settlements) },
    ]);
  });
}

function settleRules(world: InstanceWorld, now: number): SettleRules {
  const { retry } = world.settings;
  return {
    ...changeRules(world, now),
    refreshAfterMs: world.destination.plugin.audiences?.refreshAfterMs,
    maxAttempts: retry.maxAttempts,
    retryAt: (attempts, retryAfterMs) => now + waitMs(attempts, retryAfterMs, retry, world.random),
  };
}

function countKinds(
  list: string,
  settlements: ReadonlyMap<string, Settlement>,
): Record<string, string | number> {
  const counts: Record<string, string | number> = { list };
  for (const [kind, all] of Map.groupBy(settlements.values(), ({ kind }) => kind)) {
    counts[kind] = all.length;
  }
  return counts;
}
