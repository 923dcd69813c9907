// Replays or drops dead letters. A replay is a new delivery that passes planning and the gate like
// any other; what is no longer wanted is not sent because it once was.
import { createHash } from 'node:crypto';
import { isoTime, type Transaction } from '../store/store.ts';
import { lockActions } from './action/plans.ts';
import { writeSteps, type ActionRow } from './action/settle-actions.ts';
import { createBookKeeper, type BookKeeper } from './books.ts';
import {
  countDeadLetters,
  listDeadLetters,
  type DeadLetter,
  type DeadLetterFilter,
} from './dead-letters.ts';
import { loneLane } from './lane.ts';
import { insertForward } from './forward/plans.ts';
import { planPeople } from './plan/plan-people.ts';
import { changeRules } from './plan/plan-states.ts';
import { settleDeadLetters } from './plans.ts';
import { openNextChange } from './state/decide-change.ts';
import { lockLedgerByKeys, writeLedgerRows } from './state/rows.ts';
import type { InstanceWorld } from './world.ts';

/** Letters taken up in one transaction. */
const pageSize = 100;

export type OnProgress = (done: number, all: number) => void;

/** Returns how many were replayed. */
export async function replayDeadLetters(
  world: InstanceWorld,
  filter: Omit<DeadLetterFilter, 'state'>,
  by: string,
  onProgress: OnProgress = () => undefined,
): Promise<number> {
  return eachPage(world, filter, onProgress, async (transaction, letters, now) => {
    const books = createBookKeeper(world.id);
    await replayStates(world, transaction, letters, books, now);
    await replayActions(transaction, letters, books, now);
    await replayEvents(world, transaction, letters, books, now);
    await books.write(transaction);
    const identifierIds = letters
      .filter((letter) => letter.stage === 'map')
      .flatMap((letter) => letter.identifierId ?? []);
    await settle(world, transaction, letters, {
      state: 'replayed',
      reason: `replayed by ${by}`,
      by,
    });
    // After the letters are settled, so that a key that still cannot be made is noted again.
    await planPeople(world, transaction, { identifierIds }, now);
  });
}

export async function dropDeadLetters(
  world: InstanceWorld,
  filter: Omit<DeadLetterFilter, 'state'>,
  reason: string,
  by: string,
  onProgress: OnProgress = () => undefined,
): Promise<number> {
  return eachPage(world, filter, onProgress, (transaction, letters) =>
    settle(world, transaction, letters, { state: 'dropped', reason, by }),
  );
}

async function eachPage(
  world: InstanceWorld,
  filter: Omit<DeadLetterFilter, 'state'>,
  onProgress: OnProgress,
  work: (transaction: Transaction, letters: readonly DeadLetter[], now: number) => Promise<void>,
): Promise<number> {
  const open = { ...filter, state: 'open' } as const;
  // What a replay leaves behind is a letter of its own, for the next one.
  const { count, lastId } = await world.store.transaction('background', (transaction) =>
    countDeadLetters(transaction, world.id, open),
  );
  let done = 0;
  for (let after = 0; ;) {
    onProgress(done, count);
    const page = await world.store.transaction('background', async (transaction) => {
      const letters = await listDeadLetters(transaction, world.id, open, {
        after,
        upTo: lastId,
        limit: pageSize,
      });
      if (letters.length > 0) await work(transaction, letters, world.clock.now());
      return letters;
    });
    done += page.length;
    const last = page.at(-1);
    if (last === undefined) return done;
    after = last.id;
  }
}

async function settle(
  world: InstanceWorld,
  transaction: Transaction,
  letters: readonly DeadLetter[],
  end: { readonly state: 'replayed' | 'dropped'; readonly reason: string; readonly by: string },
): Promise<void> {
  await transaction.query(settleDeadLetters, [
    letters.map((letter) => letter.id),
    end.state,
    isoTime(world.clock.now()),
    end.reason,
  ]);
  const reason = createHash('sha256').update(end.reason).digest('hex');
  const details = { count: letters.length, by: end.by, reason };
  await world.audit(transaction, [
    { kind: `dead_letters.${end.state}`, instance: world.id, details },
  ]);
}

/** A held row becomes due again, whatever is wanted of it by now. */
async function replayStates(
  world: InstanceWorld,
  transaction: Transaction,
  letters: readonly DeadLetter[],
  books: BookKeeper,
  now: number,
): Promise<void> {
  const keys = new Map(
    letters.flatMap(({ keyHash, list }) =>
      keyHash === null ? [] : [[`${list} ${keyHash}`, keyHash]],
    ),
  );
  const rows = await lockLedgerByKeys(transaction, world.id, [...new Set(keys.values())]);
  const steps = rows
    .filter((row) => row.status === 'held' && keys.has(`${row.list} ${row.keyHash}`))
    .map((row) => openNextChange(row, changeRules(world, now)));
  for (const { row, books: entry } of steps) {
    books.note(row.list, row.list === '' ? 'profile' : 'audience', entry);
  }
  await writeLedgerRows(
    transaction,
    steps.map((step) => step.row),
  );
}

async function replayActions(
  transaction: Transaction,
  letters: readonly DeadLetter[],
  books: BookKeeper,
  now: number,
): Promise<void> {
  const ids = letters.flatMap((letter) => letter.actionId ?? []);
  if (ids.length === 0) return;
  const rows = await transaction.query<ActionRow>(lockActions, [ids, 'rejected']);
  const step = {
    status: 'due',
    job: null,
    attempts: 0,
    dueAt: now,
    reason: null,
    books: {},
  } as const;
  await writeSteps(
    transaction,
    rows.map((row) => ({ row, step })),
    now,
  );
  for (const row of rows) books.note(row.name, 'action', { planned: 1 });
}

/** What came after them has long been forwarded: they hold nobody up and wait for nobody. */
async function replayEvents(
  world: InstanceWorld,
  transaction: Transaction,
  letters: readonly DeadLetter[],
  books: BookKeeper,
  now: number,
): Promise<void> {
  const numbers = letters.flatMap((letter) =>
    letter.kind === 'event' ? (letter.number ?? []) : [],
  );
  if (numbers.length === 0) return;
  const rows = await transaction.query<{ number: number }>(insertForward, [
    world.id,
    numbers,
    numbers.map(loneLane),
    isoTime(now),
  ]);
  books.note('', 'event', { planned: rows.length });
}
