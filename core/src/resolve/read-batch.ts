// Reads the next events of the log and standardises them. What cannot be standardised any more (config
// has changed since it was accepted) goes to quarantine by its number; its bytes stay in the log.
import { recallStandard, type JustCommitted, type NumberedRow } from '../intake/just-committed.ts';
import type { QuarantineEntry } from '../intake/quarantine.ts';
import type { Rewritten } from '../intake/rewrite-log.ts';
import { readHorizons } from '../retention/horizons.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { decodePayload } from '../standardise/payload-codec.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';
import { standardiseStored } from '../standardise/reduced-record.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import type { Transaction } from '../store/store.ts';
import { ageRows } from './age-rows.ts';
import { headerOf, isHistorical, type EventRow } from './event-row.ts';
import { lockResolved } from './lock-resolved.ts';
import { selectEvents, selectPutAside } from './plans.ts';
import { isRebuild } from './room.ts';

export interface Batch {
  /** The number of the last event before it. */
  readonly after: number;
  /** The number of its last event. */
  readonly upTo: number;
  /** When the newest of its events was received, by the clock of the process that took it. */
  readonly receivedAt: number;
  readonly historical: boolean;
  readonly records: readonly StandardRecord[];
  readonly quarantined: readonly QuarantineEntry[];
  /** Numbers of all that are put aside, those included that were before. */
  readonly aside: readonly number[];
  /** Entries of the quarantine whose records count again. */
  readonly counting: readonly number[];
  /** Came in older than data of its kind is kept: less of it stays in the log. */
  readonly aged: readonly Rewritten[];
}

export interface ReadBatchOptions {
  readonly limit: number;
  /** Numbers to put aside instead of resolving them, with the reason. */
  readonly skip: ReadonlyMap<number, string>;
  readonly settings: StandardiseSettings;
  readonly keys: DeploymentKeys;
  /** Spares a look into the log; absent: everything is read there. */
  readonly justCommitted?: Pick<JustCommitted, 'takeAfter'> | undefined;
  readonly historicalBefore?: number | undefined;
  /** False in a rebuild: what was put aside before may be in it. */
  readonly evaluate: boolean;
}

/** A run of events that are all live or all back-filled; undefined at the end of the log. */
export async function readBatch(
  transaction: Transaction,
  options: ReadBatchOptions,
): Promise<Batch | undefined> {
  const position = await lockResolved(transaction);
  const known = options.justCommitted?.takeAfter(position, options.limit);
  const rows =
    known?.map(eventRow) ??
    (await transaction.query<EventRow>(selectEvents, [position, options.limit]));
  const first = rows[0];
  if (!first) return undefined;
  const isOld = (row: EventRow): boolean => isHistorical(row, options.historicalBefore);
  const historical = isOld(first);
  const end = rows.findIndex((row) => isOld(row) !== historical);
  const run = end === -1 ? rows : rows.slice(0, end);
  const { rows: young, rewritten } = ageRows(run, await readHorizons(transaction), options);
  return {
    ...(isRebuild(options)
      ? await standardiseAgain(transaction, young, options)
      : standardiseOnce(young, options)),
    after: position,
    aged: rewritten,
    historical,
    upTo: run.at(-1)?.number ?? 0,
    receivedAt: run.reduce((latest, row) => Math.max(latest, row.received_at), -Infinity),
  };
}

type Standardised = Pick<Batch, 'records' | 'quarantined' | 'aside' | 'counting'>;

function standardiseOnce(rows: readonly EventRow[], options: ReadBatchOptions): Standardised {
  const { records, quarantined } = standardiseRows(rows, options);
  return { records, quarantined, aside: numbersIn(quarantined), counting: [] };
}

function numbersIn(quarantined: readonly QuarantineEntry[]): number[] {
  return quarantined.flatMap(({ number }) => number ?? []);
}

/** What an operator dropped counts for nothing; what waits counts once it can, and waits once only. */
async function standardiseAgain(
  transaction: Transaction,
  rows: readonly EventRow[],
  options: ReadBatchOptions,
): Promise<Standardised> {
  const aside = await transaction.query<AsideRow>(selectPutAside, [
    rows.map(({ number }) => number),
  ]);
  const dropped = new Set(numbersOf(aside, 'dropped'));
  const open = new Set(numbersOf(aside, 'open'));
  const { records, quarantined } = standardiseRows(
    rows.filter(({ number }) => !dropped.has(number)),
    options,
  );
  const counts = new Set(records.map(({ number }) => number));
  return {
    records,
    quarantined: quarantined.filter(({ number }) => number === null || !open.has(number)),
    aside: numbersIn(quarantined),
    counting: aside.flatMap(({ id, number }) => (counts.has(number) ? [id] : [])),
  };
}

interface AsideRow {
  id: number;
  number: number;
  state: 'open' | 'dropped';
}

function numbersOf(aside: readonly AsideRow[], asked: AsideRow['state']): number[] {
  return aside.flatMap(({ number, state }) => (state === asked ? [number] : []));
}

export function standardiseRows(
  rows: readonly EventRow[],
  options: Pick<ReadBatchOptions, 'skip' | 'settings' | 'keys'>,
): Pick<Batch, 'records' | 'quarantined'> {
  const records: StandardRecord[] = [];
  const quarantined: QuarantineEntry[] = [];
  for (const row of rows) {
    const skipped = options.skip.get(row.number);
    const result =
      skipped === undefined
        ? standardiseRow(row, options)
        : { problem: { code: 'RESOLVE_FAILED', message: skipped } };
    if (result === undefined) continue;
    if ('record' in result) records.push(result.record);
    else quarantined.push(quarantineEntry(row, result.problem));
  }
  return { records, quarantined };
}

/** Undefined: nothing is left of the record. */
export function standardiseRow(
  row: EventRow,
  { settings, keys }: Pick<ReadBatchOptions, 'settings' | 'keys'>,
): ReturnType<typeof standardiseStored> {
  const known = recallStandard(row.payload, settings);
  if (known) return { record: { ...known, number: row.number } };
  const stored = decodePayload({ keyId: row.key_id, bytes: row.payload });
  return standardiseStored(headerOf(row), stored, settings, keys);
}

function quarantineEntry(
  row: EventRow,
  problem: { readonly code: string; readonly message: string },
): QuarantineEntry {
  return {
    source: row.source,
    receivedAt: row.received_at,
    ...problem,
    number: row.number,
    keyId: null,
    payload: null,
  };
}

function eventRow({ number, row }: NumberedRow): EventRow {
  return {
    number,
    source: row.source,
    message_hash: row.messageHash,
    received_at: row.receivedAt,
    at: row.at,
    historical: row.historical,
    key_id: row.keyId,
    payload: row.payload,
  };
}
