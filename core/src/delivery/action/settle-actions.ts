// Writes how actions ended. Where the vendor has no idempotency key, an unknown result is never
// repeated: it stays in doubt until evidence or a person settles it.
import { isoTime, type Transaction } from '../../store/store.ts';
import { createBookKeeper, type BookEntry } from '../books.ts';
import { addDeadLetters, type NewDeadLetter } from '../dead-letters.ts';
import { waitMs } from '../send/backoff.ts';
import { persist } from '../send/persist.ts';
import { jobWithoutEnd, longestJobMs } from '../send/job-end.ts';
import type { Settlement } from '../send/settlement.ts';
import { writeDisclosures, type Disclosure } from '../disclosure/note-disclosures.ts';
import type { InstanceWorld } from '../world.ts';
import { lockActions, settleActions as settleStatement } from './plans.ts';

/** A type, not an interface, so that it can be handed to code that takes any record. */
export type ActionRow = {
  readonly id: string;
  readonly instance: string;
  readonly name: string;
  readonly audience: string;
  readonly identifierId: number;
  readonly profileId: string;
  readonly episode: number;
  readonly status: ActionStatus;
  readonly job: string | null;
  readonly attempts: number;
  readonly dueAt: number | null;
  readonly reason: string | null;
  readonly plannedAt: number;
  readonly settledAt: number | null;
  /** When the vendor took its job. */
  readonly takenAt: number | null;
};

export type ActionStatus =
  'due' | 'sending' | 'polling' | 'delivered' | 'in_doubt' | 'rejected' | 'filtered' | 'superseded';

export interface OnceStep {
  readonly status: ActionStatus;
  readonly job: string | null;
  readonly attempts: number;
  readonly dueAt: number | null;
  readonly reason: string | null;
  readonly books: BookEntry;
  readonly deadLetter?: { readonly code: string; readonly message: string };
}

export interface OnceRules {
  readonly now: number;
  readonly idempotent: boolean;
  readonly maxAttempts: number;
  readonly retryAt: (attempts: number, retryAfterMs: number | undefined) => number;
}

export interface OnceRow {
  readonly attempts: number;
  readonly takenAt: number | null;
}

/** What a settlement does to something that happens once: an action or a forwarded event. Pure. */
export function settleOnce(row: OnceRow, settlement: Settlement, rules: OnceRules): OnceStep {
  const { attempts } = row;
  const base = { job: null, attempts, dueAt: null, reason: null, books: {} };
  switch (settlement.kind) {
    case 'delivered':
      return { ...base, status: 'delivered', books: { delivered: 1 } };
    case 'accepted': {
      const endsBy = (row.takenAt ?? rules.now) + longestJobMs;
      if (endsBy <= rules.now) return doubt(attempts, jobWithoutEnd, rules);
      const dueAt = Math.min(settlement.pollAt, endsBy);
      return { ...base, status: 'polling', job: settlement.job, dueAt };
    }
    case 'in_doubt':
      return doubt(attempts, settlement, rules);
    case 'retry':
      return tryAgain(attempts, settlement, rules);
    case 'rejected': {
      const { reason, code } = settlement;
      const deadLetter = { code, message: reason };
      return { ...base, status: 'rejected', reason, books: { rejected: 1 }, deadLetter };
    }
    case 'filtered':
      return { ...base, status: 'filtered', reason: settlement.reason, books: { filtered: 1 } };
    case 'superseded':
      return { ...base, status: 'superseded', reason: settlement.reason, books: { superseded: 1 } };
    case 'deferred':
      return { ...base, status: 'due', dueAt: settlement.until };
  }
}

interface Unfinished {
  readonly reason: string;
  readonly counts: boolean;
  readonly retryAfterMs?: number;
}

function doubt(attempts: number, settlement: Unfinished, rules: OnceRules): OnceStep {
  if (rules.idempotent) return tryAgain(attempts, settlement, rules);
  const { reason } = settlement;
  return { status: 'in_doubt', job: null, attempts, dueAt: null, reason, books: {} };
}

function tryAgain(before: number, settlement: Unfinished, rules: OnceRules): OnceStep {
  const attempts = before + (settlement.counts ? 1 : 0);
  const { reason, retryAfterMs } = settlement;
  if (attempts >= rules.maxAttempts) {
    const deadLetter = { code: 'ATTEMPTS_EXHAUSTED', message: reason };
    const books = { rejected: 1 };
    return { status: 'rejected', job: null, attempts, dueAt: null, reason, books, deadLetter };
  }
  const dueAt = rules.retryAt(attempts, retryAfterMs);
  return { status: 'due', job: null, attempts, dueAt, reason, books: {} };
}

export function onceRules(world: InstanceWorld, idempotent: boolean, now: number): OnceRules {
  const { retry } = world.settings;
  return {
    now,
    idempotent,
    maxAttempts: retry.maxAttempts,
    retryAt: (attempts, retryAfterMs) => now + waitMs(attempts, retryAfterMs, retry, world.random),
  };
}

export async function settleActions(
  world: InstanceWorld,
  from: 'sending' | 'polling',
  settlements: ReadonlyMap<string, Settlement>,
  shown: readonly Disclosure[] = [],
): Promise<void> {
  if (settlements.size === 0) return;
  const now = world.clock.now();
  await persist(world, async (transaction) => {
    const ids = [...settlements.keys()];
    const rows = await transaction.query<ActionRow>(lockActions, [ids, from]);
    const books = createBookKeeper(world.id);
    const letters: NewDeadLetter[] = [];
    const steps = rows.flatMap((row) => {
      const settlement = settlements.get(row.id);
      if (settlement === undefined) return [];
      const idempotent = world.destination.plugin.actions?.[row.name]?.idempotent ?? false;
      const step = settleOnce(row, settlement, onceRules(world, idempotent, now));
      books.note(row.name, 'action', step.books);
      if (step.deadLetter !== undefined) {
        const stage = from === 'sending' ? 'send' : 'poll';
        const { id: actionId, identifierId } = row;
        letters.push({ stage, kind: 'action', actionId, identifierId, ...step.deadLetter });
      }
      return [{ row, step }];
    });
    await writeSteps(transaction, steps, now);
    await writeDisclosures(world, transaction, shown);
    await addDeadLetters(transaction, world.id, letters, now);
    await books.write(transaction);
    const details = { count: steps.length };
    await world.audit(transaction, [{ kind: `action.${from}`, instance: world.id, details }]);
  });
}

const openStatuses: ReadonlySet<ActionStatus> = new Set(['due', 'sending', 'polling', 'in_doubt']);

export async function writeSteps(
  transaction: Transaction,
  steps: readonly { readonly row: ActionRow; readonly step: OnceStep }[],
  now: number,
): Promise<void> {
  if (steps.length === 0) return;
  await transaction.query(settleStatement, [
    steps.map(({ row }) => row.id),
    steps.map(({ step }) => step.status),
    steps.map(({ step }) => step.job),
    steps.map(({ step }) => step.attempts),
    steps.map(({ step }) => (step.dueAt === null ? null : isoTime(step.dueAt))),
    steps.map(({ step }) => step.reason),
    steps.map(({ step }) => (openStatuses.has(step.status) ? null : isoTime(now))),
    isoTime(now),
  ]);
}
