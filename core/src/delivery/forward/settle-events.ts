// Writes how forwarded events ended, and asks about jobs. A settled event leaves its lane.
import { isoTime, type Transaction } from '../../store/store.ts';
import { onceRules, settleOnce, type OnceRow, type OnceStep } from '../action/settle-actions.ts';
import { createBookKeeper } from '../books.ts';
import { addDeadLetters, type NewDeadLetter } from '../dead-letters.ts';
import { persist } from '../send/persist.ts';
import { pollJob } from '../send/poll-job.ts';
import type { Settlement } from '../send/settlement.ts';
import { writeDisclosures, type Disclosure } from '../disclosure/note-disclosures.ts';
import type { InstanceWorld } from '../world.ts';
import { deliveryOf, loadVisitors } from './event-delivery.ts';
import {
  claimForwardJob,
  deleteForward,
  lockForward,
  selectDueForwardJob,
  updateForward,
} from './plans.ts';

type ForwardRow = OnceRow & { readonly number: number; readonly lane: string };

export async function settleEvents(
  world: InstanceWorld,
  from: 'sending' | 'polling' | 'in_doubt',
  settlements: ReadonlyMap<string, Settlement>,
  shown: readonly Disclosure[] = [],
): Promise<void> {
  if (settlements.size === 0) return;
  const now = world.clock.now();
  const idempotent = world.destination.plugin.events?.idempotent ?? false;
  await persist(world, async (transaction) => {
    const numbers = [...settlements.keys()].map(Number);
    const rows = await transaction.query<ForwardRow>(lockForward, [world.id, numbers, from]);
    const books = createBookKeeper(world.id);
    const letters: NewDeadLetter[] = [];
    const steps = rows.flatMap((row) => {
      const settlement = settlements.get(String(row.number));
      if (settlement === undefined) return [];
      const step = settleOnce(row, settlement, onceRules(world, idempotent, now));
      books.note('', 'event', step.books);
      if (step.deadLetter !== undefined) {
        const stage = from === 'polling' ? 'poll' : 'send';
        letters.push({ stage, kind: 'event', number: row.number, ...step.deadLetter });
      }
      return [{ number: row.number, step }];
    });
    await writeSteps(world, transaction, steps, now);
    await writeDisclosures(world, transaction, shown);
    await addDeadLetters(transaction, world.id, letters, now);
    await books.write(transaction);
  });
}

interface NumberedStep {
  readonly number: number;
  readonly step: OnceStep;
}

async function writeSteps(
  world: InstanceWorld,
  transaction: Transaction,
  steps: readonly NumberedStep[],
  now: number,
): Promise<void> {
  const isOpen = ({ step }: NumberedStep): boolean =>
    step.status === 'due' || step.status === 'polling' || step.status === 'in_doubt';
  const open = steps.filter(isOpen);
  const closed = steps.filter((entry) => !isOpen(entry));
  await transaction.query(deleteForward, [world.id, closed.map((entry) => entry.number)]);
  await transaction.query(updateForward, [
    world.id,
    open.map((entry) => entry.number),
    open.map(({ step }) => step.status),
    open.map(({ step }) => step.job),
    open.map(({ step }) => step.attempts),
    open.map(({ step }) => (step.dueAt === null ? null : isoTime(step.dueAt))),
    open.map(({ step }) => step.reason),
    isoTime(now),
  ]);
}

/** True when a job was asked about. */
export async function pollEvents(world: InstanceWorld): Promise<boolean> {
  const now = world.clock.now();
  const [due] = await world.store.query<{ job: string }>('gate', selectDueForwardJob, [
    world.id,
    isoTime(now),
  ]);
  if (due === undefined) return false;
  const again = isoTime(now + world.limits.timeoutMs + world.limits.pollAfterMs);
  const rows = await world.store.query<{ number: number; lane: string; attempts: number }>(
    'gate',
    claimForwardJob,
    [world.id, due.job, again],
  );
  const events = await world.readEvents.at(rows.map((row) => row.number));
  const visitors = await loadVisitors(world, events);
  const lanes = new Map(rows.map((row) => [row.number, row.lane]));
  const known = events.map((event) =>
    deliveryOf(world, event, lanes.get(event.record.number) ?? '', visitors),
  );
  const handles = new Set(known.map((delivery) => delivery.handle));
  const gone = rows
    .filter((row) => !handles.has(String(row.number)))
    .map((row) => ({
      handle: String(row.number),
      key: '',
      identifier: { namespace: '', value: '' },
    }));
  await settleEvents(world, 'polling', await pollJob(world, due.job, [...known, ...gone]));
  return true;
}
