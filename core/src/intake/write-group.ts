// Writes a group of requests: the log and all that its rows bring with them, in one transaction.
import type { Store } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import { lift, suppress, suppressAged } from '../privacy/suppression.ts';
import { writeStops, type NumberedStop, type Stop } from '../consent/stop.ts';
import type { LogRow } from './check-record.ts';
import type { NumberedRow } from './just-committed.ts';
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

export interface Written {
  readonly results: CommitResult[];
  readonly stops: readonly Stop[];
  /** The highest number given, 0 when all were duplicates. */
  readonly last: number;
  /** In the order of their numbers. */
  readonly written: readonly NumberedRow[];
}

/** @param erasures how many the admission knows of; where there are others it fails, see `isDecidedTooEarly`. */
export async function writeGroup(
  store: Store,
  given: readonly CommitRequest[],
  admission: Admission | undefined,
  erasures: number,
): Promise<Written> {
  const requests =
    admission === undefined ? given : given.map((request) => admitted(request, admission));
  const rows = requests.flatMap((request) => request.rows);
  const distinct = firstOfEach(rows);
  const columns = [...columnsOf(distinct), erasures, distinct.some(isErasure) ? 1 : 0];
  const alone =
    rows.every((row) => row.stops.length === 0) &&
    requests.every((request) => request.quarantined.length === 0 && !request.checkpoint) &&
    (admission?.lifted.length ?? 0) === 0;
  if (alone) {
    const numbers = numbersOf(
      distinct,
      distinct.length === 0 ? [] : await store.query<Placed>('intake', appendEvents, columns),
    );
    return { results: split(given, numbers, admission), stops: [], ...whatIsNew(numbers) };
  }
  return store.transaction('intake', async (transaction) => {
    const placed =
      distinct.length === 0 ? [] : await transaction.query<Placed>(appendEvents, columns);
    const numbers = numbersOf(distinct, placed);
    const denials = firstOfEach(denialsOfDuplicates(rows, numbers));
    if (denials.length > 0) {
      const known = erasures + (distinct.some(isErasure) ? 1 : 0);
      const again = [...columnsOf(denials), known, 0];
      const added = numbersOf(denials, await transaction.query<Placed>(appendEvents, again));
      for (const [row, number] of added) numbers.set(row, number);
    }
    await writeStops(transaction, numberStops([...distinct, ...denials], numbers));
    const byAge = Object.groupBy(distinct, (row) => (row.byAge ? 'aged' : 'asked'));
    await suppress(transaction, erasuresOf(byAge.asked ?? []));
    await suppressAged(transaction, erasuresOf(byAge.aged ?? []));
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

/** Others have to hear of what it commits before they append. */
export function isErasure({ type }: LogRow): boolean {
  return type === 'delete';
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

function denialsOfDuplicates(
  rows: readonly LogRow[],
  numbers: ReadonlyMap<LogRow, number>,
): LogRow[] {
  return rows.flatMap((row) => (numbers.has(row) ? [] : (row.denials ?? [])));
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

function admitted(request: CommitRequest, { rows, withheld }: Admission): CommitRequest {
  return {
    ...request,
    rows: request.rows.flatMap((row) => rows.get(row) ?? []),
    quarantined: request.quarantined.filter((entry) => !withheld.has(entry)),
  };
}

/** Whom the delete records name: kept out from the moment in which they are acknowledged. */
function erasuresOf(rows: readonly LogRow[]): { hash: string; at: number }[] {
  return rows.filter(isErasure).flatMap(({ named, at }) => named.map((hash) => ({ hash, at })));
}

function split(
  requests: readonly CommitRequest[],
  numbers: ReadonlyMap<LogRow, number>,
  admission: Admission | undefined,
): CommitResult[] {
  return requests.map((request) =>
    request.rows.map((row) => {
      const written = admission === undefined ? row : admission.rows.get(row);
      if (written === undefined) return 'kept_out';
      return numbers.get(written) ?? (written.denials && numbers.get(written.denials));
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
    rows.map((row) => row.seenHash),
  ];
}
