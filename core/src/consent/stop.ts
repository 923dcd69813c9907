// Stops are immediate: intake writes a row for each denial, withdrawal and erasure in the
// transaction that accepts it, and the gate reads the rows immediately before a request. Once
// resolve has made consent entries of them, the entries speak and the rows go.
import type { Queryable, Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import {
  deleteErasedStops,
  deleteStops,
  deleteStopsOf,
  insertStops,
  selectStopped,
} from './plans.ts';

/** One denial that is accepted but perhaps not yet resolved. `*` stands for all. */
export interface Stop {
  readonly identifierHash: string;
  readonly purpose: string;
  readonly channel: string;
}

/** A stop and the log number and time of the record that it came with. */
export interface NumberedStop extends Stop {
  readonly number: number;
  readonly at: number;
}

export async function writeStops(
  transaction: Transaction,
  stops: readonly NumberedStop[],
): Promise<void> {
  if (stops.length === 0) return;
  await transaction.query(insertStops, [
    stops.map((stop) => stop.identifierHash),
    stops.map((stop) => stop.purpose),
    stops.map((stop) => stop.channel),
    stops.map((stop) => stop.number),
    stops.map((stop) => isoTime(stop.at)),
  ]);
}

/** Which of these identifiers have a stop for one of the purposes on the channel. */
export async function stopped(
  queryable: Queryable,
  hashes: readonly string[],
  purposes: readonly string[],
  channel: string,
): Promise<Set<string>> {
  if (hashes.length === 0) return new Set();
  const rows = await queryable.query<{ identifier_hash: string }>(selectStopped, [
    hashes,
    purposes,
    channel,
  ]);
  return new Set(rows.map((row) => row.identifier_hash));
}

/** Log numbers after `after` up to `upTo`. */
export interface ResolvedRun {
  readonly after: number;
  readonly upTo: number;
  /** Put aside: no entry was made of them, so their stops go on standing. */
  readonly aside: readonly number[];
}

/** Drops the stops that have become entries. Called by resolve in the transaction that made them. */
export async function dropResolvedStops(
  transaction: Transaction,
  { after, upTo, aside }: ResolvedRun,
): Promise<void> {
  await transaction.query(deleteStops, [after, upTo, aside]);
}

/** Up to when somebody is erased, by the record of this number. */
export interface ErasedStops {
  readonly hash: string;
  readonly at: number;
  readonly number: number;
}

/** Of records that were put aside and are as old as an erasure: what she said until then is forgotten. */
export async function dropErasedStops(
  transaction: Transaction,
  erased: readonly ErasedStops[],
): Promise<void> {
  if (erased.length === 0) return;
  await transaction.query(deleteErasedStops, [
    erased.map(({ hash }) => hash),
    erased.map(({ at }) => isoTime(at)),
    erased.map(({ number }) => number),
  ]);
}

/** Of records that were put aside, once entries are made of them after all or somebody gave them up. */
export async function dropStopsOf(
  transaction: Transaction,
  numbers: readonly number[],
): Promise<void> {
  if (numbers.length > 0) await transaction.query(deleteStopsOf, [numbers]);
}
