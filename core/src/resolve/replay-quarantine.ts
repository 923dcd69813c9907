// Sends what was kept aside through the hub again, after a fix of config, plan or code. Records that
// were never accepted go in by intake as if they arrived again, with the time they were received; bodies
// that the source's plugin could not read are handed to it once more; accepted ones that could not be
// resolved are resolved from the log, out of turn, which the folds allow. What is long past by now counts as
// back-filled: it builds profiles and causes no action.
import type { Clock, Receipt } from '@tributary/sdk';
import { dropStopsOf } from '../consent/stop.ts';
import { isIntakeBusy, type Intake, type Submission } from '../intake/intake.ts';
import type { SourceInstanceSettings } from '../intake/settings.ts';
import {
  settleQuarantined,
  takeQuarantined,
  type QuarantinedPayload,
} from '../intake/quarantine.ts';
import type { Reread } from '../sources/reread.ts';
import { isPassingFailure, isStoreError } from '../store/errors.ts';
import type { Store, Transaction } from '../store/store.ts';
import { blankKeptAside, noteSubjects, rewriteLog } from '../intake/rewrite-log.ts';
import { readHorizons } from '../retention/horizons.ts';
import { ageRows } from './age-rows.ts';
import { lockResolved } from './lock-resolved.ts';
import { selectEventsByNumber } from './plans.ts';
import { isHistorical, type EventRow } from './event-row.ts';
import { standardiseRows } from './read-batch.ts';
import { resolveRecords } from './resolve-batch.ts';
import type { ResolveRoom } from './room.ts';

export interface ReplayOptions {
  readonly store: Store;
  readonly intake: Intake;
  readonly sources: ReadonlyMap<string, SourceInstanceSettings>;
  readonly room: ResolveRoom;
  readonly reread: Reread;
  readonly clock: Pick<Clock, 'sleep'>;
  /** In each transaction that settles entries: how many. */
  note(transaction: Transaction, replayed: number): Promise<void>;
}

export interface ReplayReport {
  readonly replayed: readonly number[];
  /** Still not acceptable, with the reason as of now. */
  readonly refused: readonly {
    readonly id: number;
    readonly code: string;
    readonly message: string;
  }[];
}

/** @param reason who replays and why; kept with the entries. */
export async function replayQuarantine(
  ids: readonly number[],
  reason: string,
  options: ReplayOptions,
): Promise<ReplayReport> {
  const entries = await options.store.transaction('background', (transaction) =>
    takeQuarantined(transaction, ids),
  );
  const replayed: number[] = [];
  const arrived: Arrived[] = [];
  const refused: ReplayReport['refused'][number][] = [];
  try {
    for (const entry of entries) {
      const { id, number } = entry;
      const outcome = await replayEntry(entry, reason, options);
      if ('problem' in outcome) refused.push({ id, ...outcome.problem });
      else if (number === null) arrived.push({ id, namesErased: outcome.namesErased });
      else replayed.push(id);
    }
  } finally {
    if (arrived.length > 0) await settleArrived(arrived, reason, options);
  }
  return { replayed: [...replayed, ...arrived.map(({ id }) => id)], refused };
}

interface Arrived {
  readonly id: number;
  /** What it says of her was kept out, and lies in its bytes. */
  readonly namesErased: boolean;
}

type Outcome = { readonly problem: Problem } | { readonly namesErased: boolean };

/** Nothing of what it names was kept out: an event of the log was held against erasures when it came in. */
const taken: Outcome = { namesErased: false };

/** One that fails stays open and stops none behind it, unless it fails by what would hit them all. */
async function replayEntry(
  entry: QuarantinedPayload,
  reason: string,
  options: ReplayOptions,
): Promise<Outcome> {
  try {
    return entry.number === null
      ? await replayArrival(entry, options)
      : await replayEvent(entry.id, entry.number, reason, options);
  } catch (error) {
    if (isPassingFailure(error)) throw error;
    return { problem: failed(error) };
  }
}

async function settleArrived(
  arrived: readonly Arrived[],
  reason: string,
  { store, room, note }: ReplayOptions,
): Promise<void> {
  const ids = arrived.map(({ id }) => id);
  const hers = arrived.filter(({ namesErased }) => namesErased).map(({ id }) => id);
  await store.transaction('background', async (transaction) => {
    const settled = await settleQuarantined(transaction, ids, 'replayed', room.now(), reason);
    await blankKeptAside(transaction, hers, `${reason}; it names somebody who was erased`);
    if (settled > 0) await note(transaction, settled);
  });
}

type Problem = { readonly code: string; readonly message: string };

/** A crash between the two commits repeats the replay, and deduplication drops the second. */
async function replayArrival(
  entry: QuarantinedPayload,
  { intake, sources, reread, room, clock }: ReplayOptions,
): Promise<Outcome> {
  const source = sources.get(entry.source);
  if (!source) return { problem: gone(entry.source) };
  const read: Read =
    entry.code === unreadableCode ? await reread(entry) : readRecord(entry.payload);
  if ('problem' in read) return { problem: unreadable(read.problem) };
  const { records } = read;
  const { receivedAt } = entry;
  for (const record of records) {
    const problem = intake.check(source, record, receivedAt);
    if (problem) return { problem };
  }
  const submission = { source, records, receivedAt, replayedAt: room.now() };
  const { suppressed = 0 } = await submitInTurn(intake, clock, submission);
  return { namesErased: suppressed > 0 };
}

/** Whoever sends has the right of way: a replay waits. */
async function submitInTurn(
  intake: Intake,
  clock: Pick<Clock, 'sleep'>,
  submission: Submission,
): Promise<Receipt> {
  for (;;) {
    try {
      return await intake.submit(submission);
    } catch (error) {
      if (!isIntakeBusy(error)) throw error;
      await clock.sleep(error.retryAfterSeconds * 1_000);
    }
  }
}

type Read = { readonly records: readonly unknown[] } | { readonly problem: string };

function readRecord(payload: Uint8Array): Read {
  const record = parse(payload);
  return record === undefined ? { problem: 'the bytes are no record' } : { records: [record] };
}

/** Settled in the transaction that folds it, so that nothing counts twice. */
async function replayEvent(
  id: number,
  number: number,
  reason: string,
  { store, room, sources, note }: ReplayOptions,
): Promise<Outcome> {
  return store.transaction('resolve', async (transaction: Transaction) => {
    const position = await lockResolved(transaction);
    const rows = await transaction.query<EventRow>(selectEventsByNumber, [[number]]);
    const aged = ageRows(rows, await readHorizons(transaction), room);
    const read = standardiseRows(aged.rows, { ...room, skip: new Map() });
    const [problem] = read.quarantined;
    if (problem) return { problem: { code: problem.code, message: problem.message } };
    const settled = await settleQuarantined(transaction, [id], 'replayed', room.now(), reason);
    if (settled === 0) return taken; // somebody was faster
    // Else a rebuild has yet to come to it.
    if (number <= position) {
      await rewriteLog(transaction, aged.rewritten);
      await noteSubjects(transaction, read.records);
      const historical = rows.every((row) => isPast(row, sources.get(row.source), room));
      await resolveRecords(transaction, read.records, historical, room);
      await dropStopsOf(transaction, [number]);
    }
    // Last, for whoever writes into the audit log waits for this.
    await note(transaction, settled);
    return taken;
  });
}

/** Nothing is done any more for what happened long ago, nor for a source of which nobody says how long that is. */
function isPast(
  row: EventRow,
  source: SourceInstanceSettings | undefined,
  { historicalBefore, now }: ResolveRoom,
): boolean {
  if (isHistorical(row, historicalBefore) || source === undefined) return true;
  return now() - row.at > source.historicalAfterMs;
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) ?? undefined;
  } catch {
    return undefined;
  }
}

function gone(source: string): Problem {
  return {
    code: 'SOURCE_UNKNOWN',
    message: `SOURCE_UNKNOWN: quarantine: source "${source}" is not in config. Enable it and replay.`,
  };
}

/** The kind of error alone: its message may quote what was kept. */
function failed(error: unknown): Problem {
  const found = isStoreError(error) ? error.code : error instanceof Error ? error.name : 'unknown';
  return {
    code: 'REPLAY_FAILED',
    message: `REPLAY_FAILED: quarantine: replaying it failed (${found}). Replay it alone; if it fails again, report it or drop it with a reason.`,
  };
}

const unreadableCode = 'RECORD_UNREADABLE';

function unreadable(found: string): Problem {
  return {
    code: unreadableCode,
    message: `${unreadableCode}: quarantine: ${found}. Mend the source's settings, or have the sender send it again and drop this entry.`,
  };
}
