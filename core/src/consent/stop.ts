// Stops are immediate: intake writes a row for each denial, withdrawal and erasure in the
// transaction that accepts it, and the gate reads the rows immediately before a request. Once
// resolve has made consent entries of them, the entries speak and the rows go.
import type { Queryable, Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import { deleteStops, insertStops, selectStopped } from './plans.ts';

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

/** Drops the stops that have become entries. Called by resolve in the transaction that made them. */
export async function dropResolvedStops(transaction: Transaction, upTo: number): Promise<void> {
  await transaction.query(deleteStops, [upTo]);
}
