// Many requests, one transaction: what waits is committed together, and each caller is answered
// after the commit. One commit is under way at a time; what arrives meanwhile makes the next group.
import type { Store } from '../store/store.ts';
import { isPassingFailure, isStoreError } from '../store/errors.ts';
import type { Stop } from '../consent/stop.ts';
import type { LogRow } from './check-record.ts';
import { createErasuresKnown, isDecidedTooEarly, type ErasuresKnown } from './erasures-known.ts';
import type { JustCommitted } from './just-committed.ts';
import type { Admission, KeptOut } from './keep-out.ts';
import type { QuarantineEntry } from './quarantine.ts';
import {
  isErasure,
  writeGroup,
  type CommitRequest,
  type CommitResult,
  type Written,
} from './write-group.ts';

interface Waiting {
  readonly request: CommitRequest;
  readonly size: Size;
  resolve(result: CommitResult): void;
  reject(error: unknown): void;
}

export interface Size {
  readonly records: number;
  readonly bytes: number;
}

/** A transaction with more than this is as slow for the database as for everybody who waits. */
const mostGroupBytes = 16_777_216;

export interface GroupCommit {
  commit(request: CommitRequest): Promise<CommitResult>;
  /** What waits or is being committed. */
  waiting(): Size;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export interface GroupCommitOptions {
  readonly store: Store;
  /** Asked for each group: config may change. */
  groupRecords(): number;
  readonly justCommitted: Pick<JustCommitted, 'keep'>;
  /** What may be written of them; undefined: all of it. */
  admit?(
    rows: readonly LogRow[],
    quarantined: readonly QuarantineEntry[],
  ): Promise<Admission | undefined>;
  /** What of the rows was not written. */
  onKeptOut?(kept: KeptOut): void;
  /** A group was written: how many records, in how many milliseconds. */
  onGroup?(records: number, milliseconds: number): void;
  /**
   * After the commit, before anybody is answered. The stops of duplicates, too: the commit that took
   * them may have ended without an answer, and then nobody has heard of them.
   */
  onCommitted(stops: readonly Stop[], lastNumber: number): Promise<void>;
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const queue: Waiting[] = [];
  const erasures = createErasuresKnown(options.store);
  let waiting: Size = { records: 0, bytes: 0 };
  const answering = new Set<Promise<unknown>>();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    // A turn of the event loop lets requests that arrived together commit together.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const group = takeGroup(queue, options.groupRecords());
      const { answered } = await commitGroup({ ...options, erasures }, group);
      // Whoever waits for calls to be cut off holds up her own request, and no group behind it.
      answering.add(answered);
      void answered.finally(() => answering.delete(answered));
      for (const { size } of group) waiting = add(waiting, size, -1);
    }
    running = undefined;
  }

  return {
    commit(request) {
      return new Promise((resolve, reject) => {
        const size = sizeOf(request);
        waiting = add(waiting, size);
        queue.push({ request, size, resolve, reject });
        running ??= run();
      });
    },
    waiting: () => waiting,
    async idle() {
      await running;
      await Promise.all(answering);
    },
  };
}

function sizeOf({ rows, quarantined }: CommitRequest): Size {
  let bytes = 0;
  for (const { payload } of rows) bytes += payload.byteLength;
  for (const { payload } of quarantined) bytes += payload?.byteLength ?? 0;
  return { records: rows.length + quarantined.length, bytes };
}

function add(one: Size, other: Size, times: 1 | -1 = 1): Size {
  const { records, bytes } = other;
  return { records: one.records + times * records, bytes: one.bytes + times * bytes };
}

function takeGroup(queue: Waiting[], limit: number): Waiting[] {
  let taken: Size = { records: 0, bytes: 0 };
  let count = 0;
  for (const { size } of queue) {
    const { records, bytes } = add(taken, size);
    if (count > 0 && (records > limit || bytes > mostGroupBytes)) break;
    taken = { records, bytes };
    count += 1;
  }
  return queue.splice(0, count);
}

interface GroupWorld extends GroupCommitOptions {
  readonly erasures: ErasuresKnown;
}

interface Committed {
  /** When everybody was told. */
  readonly answered: Promise<unknown>;
}

/** @returns when it is durable, or failed. */
async function commitGroup(options: GroupWorld, group: readonly Waiting[]): Promise<Committed> {
  const started = performance.now();
  try {
    const requests = group.map(({ request }) => request);
    const written = await writeAdmitted(options, requests);
    return { answered: tell(options, group, written, performance.now() - started) };
  } catch (error) {
    if (group.length > 1 && isOfOne(error)) return commitHalves(options, group);
    refuse(group, error);
    return { answered: Promise.resolve() };
  }
}

/** What one of them asks for cannot be done: by and by it is alone, and the others are committed. */
async function commitHalves(options: GroupWorld, group: readonly Waiting[]): Promise<Committed> {
  const middle = Math.ceil(group.length / 2);
  const one = await commitGroup(options, group.slice(0, middle));
  const other = await commitGroup(options, group.slice(middle));
  return { answered: Promise.all([one.answered, other.answered]) };
}

/** The database refused what was written, and is not away. */
function isOfOne(error: unknown): boolean {
  if (!isStoreError(error)) return true;
  return ofOne.has(error.code) && !isPassingFailure(error) && !isDecidedTooEarly(error);
}

const ofOne: ReadonlySet<string> = new Set(['STORE_STATEMENT_FAILED', 'STORE_PARAMETER_INVALID']);

async function tell(
  { justCommitted, onGroup, onCommitted }: GroupWorld,
  group: readonly Waiting[],
  { results, stops, last, written }: Written,
  milliseconds: number,
): Promise<void> {
  try {
    justCommitted.keep(written);
    const records = group.reduce((sum, { size }) => sum + size.records, 0);
    onGroup?.(records, milliseconds);
    if (last > 0 || stops.length > 0) await onCommitted(stops, last);
    group.forEach(({ resolve }, place) => resolve(results[place] ?? []));
  } catch (error) {
    refuse(group, error);
  }
}

function refuse(group: readonly Waiting[], error: unknown): void {
  for (const { reject } of group) reject(error);
}

/** So often somebody else may erase somebody while it is decided what of a group may be written. */
const mostAttempts = 20;

async function writeAdmitted(
  { store, erasures, admit, onKeptOut }: GroupWorld,
  requests: readonly CommitRequest[],
): Promise<Written> {
  const rows = requests.flatMap((request) => request.rows);
  const quarantined = requests.flatMap((request) => request.quarantined);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const known = await erasures.count();
      const admission = await admit?.(rows, quarantined);
      const written = await writeGroup(store, requests, admission, known);
      if (rows.some(isErasure)) erasures.add();
      for (const kept of admission?.keptOut ?? []) onKeptOut?.(kept);
      return written;
    } catch (error) {
      if (!isDecidedTooEarly(error) || attempt >= mostAttempts) throw error;
      erasures.forget();
    }
  }
}
