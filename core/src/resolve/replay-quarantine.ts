// Sends what was kept aside through the hub again, after a fix of config, plan or code. Records that
// were never accepted go in by intake as if they arrived again, with the time they were received; bodies
// that the source's plugin could not read are handed to it once more; accepted ones that could not be resolved are resolved from the log, out of turn, which the folds allow.
import type { Intake } from '../intake/intake.ts';
import type { SourceInstanceSettings } from '../intake/settings.ts';
import {
  settleQuarantined,
  takeQuarantined,
  type QuarantinedPayload,
} from '../intake/quarantine.ts';
import type { Reread } from '../sources/reread.ts';
import type { Store, Transaction } from '../store/store.ts';
import { selectEventsByNumber } from './plans.ts';
import { standardiseRows, type EventRow } from './read-batch.ts';
import { resolveRecords } from './resolve-batch.ts';
import type { ResolveRoom } from './room.ts';

export interface ReplayOptions {
  readonly store: Store;
  readonly intake: Intake;
  readonly sources: ReadonlyMap<string, SourceInstanceSettings>;
  readonly room: ResolveRoom;
  readonly reread: Reread;
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
  const taken = await options.store.transaction('background', (transaction) =>
    takeQuarantined(transaction, ids),
  );
  const replayed: number[] = [];
  const refused: ReplayReport['refused'][number][] = [];
  for (const entry of taken) {
    const problem =
      entry.number === null
        ? await replayArrival(entry, options)
        : await replayEvent(entry, entry.number, options);
    if (problem) refused.push({ id: entry.id, ...problem });
    else replayed.push(entry.id);
  }
  if (replayed.length > 0) {
    await options.store.transaction('background', (transaction) =>
      settleQuarantined(transaction, replayed, 'replayed', options.room.now(), reason),
    );
  }
  return { replayed, refused };
}

type Problem = { readonly code: string; readonly message: string };

/** A crash between the two commits repeats the replay, and deduplication drops the second. */
async function replayArrival(
  entry: QuarantinedPayload,
  { intake, sources, reread }: ReplayOptions,
): Promise<Problem | undefined> {
  const source = sources.get(entry.source);
  if (!source) return gone(entry.source);
  const read: Read =
    entry.code === unreadableCode ? await reread(entry) : readRecord(entry.payload);
  if ('problem' in read) return unreadable(read.problem);
  const { records } = read;
  const { receivedAt } = entry;
  for (const record of records) {
    const problem = intake.check(source, record, receivedAt);
    if (problem) return problem;
  }
  await intake.submit({ source, records, receivedAt });
  return undefined;
}

type Read = { readonly records: readonly unknown[] } | { readonly problem: string };

function readRecord(payload: Uint8Array): Read {
  const record = parse(payload);
  return record === undefined ? { problem: 'the bytes are no record' } : { records: [record] };
}

async function replayEvent(
  entry: QuarantinedPayload,
  number: number,
  options: ReplayOptions,
): Promise<Problem | undefined> {
  return options.store.transaction('resolve', async (transaction: Transaction) => {
    const rows = await transaction.query<EventRow>(selectEventsByNumber, [[number]]);
    const read = standardiseRows(rows, { ...options.room, skip: new Map() });
    const [problem] = read.quarantined;
    if (problem) return { code: problem.code, message: problem.message };
    await resolveRecords(transaction, read.records, rows[0]?.historical ?? true, options.room);
    return undefined;
  });
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

const unreadableCode = 'RECORD_UNREADABLE';

function unreadable(found: string): Problem {
  return {
    code: unreadableCode,
    message: `${unreadableCode}: quarantine: ${found}. Mend the source's settings, or have the sender send it again and drop this entry.`,
  };
}
