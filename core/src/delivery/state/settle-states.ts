// Writes how changes ended: rows, books, dead letters and the audit entry in one transaction.
import { createBookKeeper } from '../books.ts';
import { addDeadLetters, type NewDeadLetter } from '../dead-letters.ts';
import { waitMs } from '../send/backoff.ts';
import { persist } from '../send/persist.ts';
import type { Settlement } from '../send/settlement.ts';
import { changeRules } from '../plan/plan-states.ts';
import type { ReadonlyBases } from '../disclosure/bases.ts';
import { discloseStates, isShown, noteErasureAnswers } from '../disclosure/note-disclosures.ts';
import type { InstanceWorld } from '../world.ts';
import type { LedgerRow } from './ledger-row.ts';
import { dropErasedRows, lockLedgerRows, writeLedgerRows } from './rows.ts';
import { sendAgainWhatWentToo } from './send-again.ts';
import { settleChange, type SettledStep, type SettleRules } from './settle-change.ts';

/** Rows that were sent, or those that still wait for this job. */
type SettledFrom = 'sending' | { readonly job: string };

export async function settleStates(
  world: InstanceWorld,
  list: string,
  from: SettledFrom,
  answers: ReadonlyMap<string, Settlement>,
  bases: ReadonlyBases = new Map(),
): Promise<void> {
  if (answers.size === 0) return;
  const now = world.clock.now();
  const kind = list === '' ? 'profile' : 'audience';
  const status = from === 'sending' ? 'sending' : 'polling';
  await persist(world, async (transaction) => {
    const keyHashes = [...answers.keys()];
    const locked = await lockLedgerRows(transaction, world.id, list, keyHashes, status);
    const rows = locked.filter(({ job }) => from === 'sending' || job === from.job);
    const settlements = readRemovals(rows, answers);
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
    const shown = rows.filter((row) => isShown(row.keyHash, settlements));
    await discloseStates(world, transaction, shown, bases);
    await noteErasureAnswers(world, transaction, rows, settlements);
    await sendAgainWhatWentToo(world, transaction, rows, settlements, books, now);
    await dropErasedRows(
      transaction,
      world.id,
      steps.map((step) => step.row),
    );
    await addDeadLetters(transaction, world.id, letters, now);
    await books.write(transaction);
    await world.audit(transaction, [
      { kind: `${kind}.${status}`, instance: world.id, details: countKinds(list, settlements) },
    ]);
  });
}

/** A removal for which the plugin has nothing to send is done: nothing is there. */
function readRemovals(
  rows: readonly LedgerRow[],
  answers: ReadonlyMap<string, Settlement>,
): ReadonlyMap<string, Settlement> {
  const idle = rows.filter(({ keyHash, operation }) => {
    const answer = answers.get(keyHash);
    return operation === 'remove' && answer?.kind === 'filtered' && answer.by === 'plugin';
  });
  const done: Settlement = { kind: 'delivered' };
  return new Map([...answers, ...idle.map(({ keyHash }) => [keyHash, done] as const)]);
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
