// Many requests, one transaction: what waits is committed together, and each caller is answered
// after the commit. One commit is under way at a time; what arrives meanwhile makes the next group.
import type { Store } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import { lift, suppress } from '../privacy/suppression.ts';
import { writeStops, type NumberedStop, type Stop } from '../consent/stop.ts';
import type { LogRow } from './check-record.ts';
import type { JustCommitted, NumberedRow } from './just-committed.ts';
import type { Admission } from './keep-out.ts';
import { appendEvents, upsertCheckpoint } from './plans.ts';
import { writeQuarantine, type QuarantineEntry } from './quarantine.ts';

/** What one source call wants committed, all or nothing. */
export interface CommitRequest {
  readonly rows: readonly LogRow[];
  readonly quarantined: readonly QuarantineEntry[];
  readonly checkpoint:
    { readonly source: string; readonly value: unknown; readonly at: number } | undefined;
}

/** Per row its log number; undefined: a duplicate; kept out: it names somebody who was erased. */
export type CommitResult = readonly (number | 'kept_out' | undefined)[];

interface Waiting {
  readonly request: CommitRequest;
  resolve(result: CommitResult): void;
  reject(error: unknown): void;
}

export interface GroupCommit {
  commit(request: CommitRequest): Promise<CommitResult>;
  /** Records that wait or are being committed. */
  waiting(): number;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export interface GroupCommitOptions {
  readonly store: Store;
  /** Asked for each group: config may change. */
  groupRecords(): number;
  readonly justCommitted: Pick<JustCommitted, 'keep'>;
  /** What may be written of the rows; undefined: all of it. */
  admit?(rows: readonly LogRow[]): Promise<Admission | undefined>;
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
  let waiting = 0;
  const answering = new Set<Promise<void>>();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    // A turn of the event loop lets requests that arrived together commit together.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const group = takeGroup(queue, options.groupRecords());
      const { answered } = await commitGroup(options, group);
      // Whoever waits for calls to be cut off holds up her own request, and no group behind it.
      answering.add(answered);
      void answered.finally(() => answering.delete(answered));
      waiting -= group.reduce((sum, { request }) => sum + sizeOf(request), 0);
    }
    running = undefined;
  }

  return {
    commit(request) {
      return new Promise((resolve, reject) => {
        waiting += sizeOf(request);
        queue.push({ request, resolve, reject });
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

function sizeOf(request: CommitRequest): number {
  return request.rows.length + request.quarantined.length;
}

function takeGroup(queue: Waiting[], limit: number): Waiting[] {
  let records = 0;
  let count = 0;
  for (const { request } of queue) {
    if (count > 0 && records + sizeOf(request) > limit) break;
    records += sizeOf(request);
    count += 1;
  }
  return queue.splice(0, count);
}

/** @returns when it is durable, or failed; `answered` when everybody was told. */
async function commitGroup(
  options: GroupCommitOptions,
  group: readonly Waiting[],
): Promise<{ readonly answered: Promise<void> }> {
  const refuse = (error: unknown): void => {
    for (const { reject } of group) reject(error);
  };
  try {
    const started = performance.now();
    const requests = group.map(({ request }) => request);
    const admission = await options.admit?.(requests.flatMap(({ rows }) => rows));
    const { results, stops, last, written } = await writeGroup(options.store, requests, admission);
    options.justCommitted.keep(written);
    const records = requests.reduce((sum, request) => sum + sizeOf(request), 0);
    options.onGroup?.(records, performance.now() - started);
    const isNews = last > 0 || stops.length > 0;
    const told = isNews ? options.onCommitted(stops, last) : Promise.resolve();
    const answer = (): void => group.forEach(({ resolve }, place) => resolve(results[place] ?? []));
    return { answered: told.then(answer).catch(refuse) };
  } catch (error) {
    refuse(error);
    return { answered: Promise.resolve() };
  }
}

interface Written {
  readonly results: CommitResult[];
  readonly stops: readonly Stop[];
  /** The highest number given, 0 when all were duplicates. */
  readonly last: number;
  /** In the order of their numbers. */
  readonly written: readonly NumberedRow[];
}

async function writeGroup(
  store: Store,
  given: readonly CommitRequest[],
  admission: Admission | undefined,
): Promise<Written> {
  const requests =
    admission === undefined ? given : given.map((request) => admitted(request, admission));
  const rows = requests.flatMap((request) => request.rows);
  const distinct = firstOfEach(rows);
  const alone =
    rows.every((row) => row.stops.length === 0) &&
    requests.every((request) => request.quarantined.length === 0 && !request.checkpoint) &&
    (admission?.lifted.length ?? 0) === 0;
  if (alone) {
    const numbers = numbersOf(
      distinct,
      distinct.length === 0
        ? []
        : await store.query<Placed>('intake', appendEvents, columnsOf(distinct)),
    );
    return { results: split(given, numbers, admission), stops: [], ...whatIsNew(numbers) };
  }
  return store.transaction('intake', async (transaction) => {
    const placed =
      distinct.length === 0
        ? []
        : await transaction.query<Placed>(appendEvents, columnsOf(distinct));
    const numbers = numbersOf(distinct, placed);
    await writeStops(transaction, numberStops(distinct, numbers));
    await suppress(transaction, erasuresOf(distinct));
    await lift(transaction, admission?.lifted ?? []);
    await writeQuarantine(
      transaction,
      requests.flatMap((request) => request.quarantined),
    );
    for (const { checkpoint } of requests) {
      if (!checkpoint) continue;
      const { source, value, at } = checkpoint;
      await transaction.query(upsertCheckpoint, [source, JSON.stringify(value), isoTime(at)]);
    }
    const stops = distinct.flatMap((row) => row.stops);
    return { results: split(given, numbers, admission), stops, ...whatIsNew(numbers) };
  });
}

interface Placed {
  place: number;
  number: number;
}

/** Two rows of one group with the same id are one event: the first. */
function firstOfEach(rows: readonly LogRow[]): LogRow[] {
  const seen = new Map<string, LogRow>();
  for (const row of rows) {
    const key = `${row.source}\u0000${row.messageHash}`;
    if (!seen.has(key)) seen.set(key, row);
  }
  return [...seen.values()];
}

function numbersOf(rows: readonly LogRow[], placed: readonly Placed[]): Map<LogRow, number> {
  const numbers = new Map<LogRow, number>();
  for (const { place, number } of placed) {
    const row = rows[place - 1];
    if (row) numbers.set(row, number);
  }
  return numbers;
}

function numberStops(
  rows: readonly LogRow[],
  numbers: ReadonlyMap<LogRow, number>,
): NumberedStop[] {
  return rows.flatMap((row) => {
    const number = numbers.get(row);
    if (number === undefined) return [];
    return row.stops.map((stop) => ({ ...stop, number, at: row.at }));
  });
}

function admitted(request: CommitRequest, { rows }: Admission): CommitRequest {
  return { ...request, rows: request.rows.flatMap((row) => rows.get(row) ?? []) };
}

/** Whom the delete records name: kept out from the moment in which they are acknowledged. */
function erasuresOf(rows: readonly LogRow[]): { hash: string; at: number }[] {
  return rows.flatMap(({ type, named, at }) =>
    type === 'delete' ? named.map((hash) => ({ hash, at })) : [],
  );
}

function split(
  requests: readonly CommitRequest[],
  numbers: ReadonlyMap<LogRow, number>,
  admission: Admission | undefined,
): CommitResult[] {
  return requests.map((request) =>
    request.rows.map((row) => {
      const written = admission === undefined ? row : admission.rows.get(row);
      return written === undefined ? 'kept_out' : numbers.get(written);
    }),
  );
}

function whatIsNew(numbers: ReadonlyMap<LogRow, number>): Pick<Written, 'last' | 'written'> {
  const written = [...numbers]
    .map(([row, number]) => ({ row, number }))
    .sort((one, other) => one.number - other.number);
  return { written, last: written.at(-1)?.number ?? 0 };
}

function columnsOf(rows: readonly LogRow[]): unknown[] {
  return [
    rows.map((row) => row.source),
    rows.map((row) => row.messageHash),
    rows.map((row) => row.receivedAt),
    rows.map((row) => row.at),
    rows.map((row) => row.type),
    rows.map((row) => row.historical),
    rows.map((row) => row.subjectHash),
    rows.map((row) => row.keyId),
    rows.map((row) => row.payload),
  ];
}
