// The statements that bring a store under its next key. A cursor sees the rows as they were when it was
// opened, whatever is written meanwhile, and a row that was read is found again by its place; so each is
// brought along exactly once, in slices, whatever its keys.
import { reducedKey } from '../standardise/payload-codec.ts';
import { dynamicStatement, type Statement } from '../store/store.ts';

/** A column of keyed hashes. */
export interface KeyedColumn {
  readonly table: string;
  readonly column: string;
}

/** By which identifiers are found, whether or not their values are still there. */
export const identifierColumns: readonly KeyedColumn[] = [
  { table: 'identifier', column: 'hash' },
  { table: 'identifier', column: 'now_hash' },
  { table: 'event', column: 'subject_hash' },
  { table: 'stop', column: 'identifier_hash' },
  { table: 'erasure', column: 'identifier_hash' },
  { table: 'erasure', column: 'now_hash' },
  { table: 'key_holder', column: 'identifier_hash' },
  { table: 'disclosure', column: 'identifier_hash' },
  { table: 'disclosure_basis', column: 'identifier_hash' },
  { table: 'suppression', column: 'identifier_hash' },
  { table: 'privacy_subject', column: 'identifier_hash' },
];

/** By which messages are known again. */
export const seenColumn: KeyedColumn = { table: 'seen', column: 'hash' };

/** More would be a statement that takes long; fewer are more round trips. */
export const sliceRows = 2_000;

const cursor = 'rekey_rows';
export const fetchSlice = dynamicStatement('rekey.fetch', `FETCH ${sliceRows} FROM ${cursor}`);
export const closeCursor = dynamicStatement('rekey.close_cursor', `CLOSE ${cursor}`);

export function countHashes({ table, column }: KeyedColumn): Statement {
  return dynamicStatement('rekey.count', `SELECT count(${column}) AS rows FROM ${table}`);
}

export function openHashes({ table, column }: KeyedColumn): Statement {
  return openRows(
    `SELECT ctid::text AS place, ${column} AS hash FROM ${table} WHERE ${column} IS NOT NULL`,
  );
}

export function writeHashes({ table, column }: KeyedColumn): Statement {
  return dynamicStatement(
    'rekey.write_hashes',
    `UPDATE ${table} t SET ${column} = q.hash
     FROM unnest($1::text[]::tid[], $2::uuid[]) AS q(place, hash) WHERE t.ctid = q.place`,
  );
}

/** What is left of records after an erasure may hold hashes. */
export const openReduced = openRows(
  `SELECT number, key_id, payload FROM event WHERE key_id = ${reducedKey}`,
);

export const writePayloads = dynamicStatement(
  'rekey.write_payloads',
  `UPDATE event e SET payload = q.payload FROM unnest($1::bigint[], $2::bytea[]) AS q(number, payload)
   WHERE e.number = q.number`,
);

/** A column of lanes, and the one that numbers the event that is in it. */
export interface LaneColumn extends KeyedColumn {
  readonly number: string;
}

/** Events under way to destinations that take them in order, and those that wait behind them. */
export const laneColumns: readonly LaneColumn[] = [
  { table: 'forward', column: 'lane', number: 'number' },
  { table: 'forward_parked', column: 'lane', number: 'number' },
];

export function openLanes({ table, column, number }: LaneColumn): Statement {
  return openRows(
    `SELECT f.ctid::text AS place, f.${column} AS lane, e.number, e.source, e.message_hash,
       e.received_at, e.at, e.historical, e.key_id, e.payload
     FROM ${table} f JOIN event e ON e.number = f.${number}`,
  );
}

function openRows(select: string): Statement {
  return dynamicStatement('rekey.open_cursor', `DECLARE ${cursor} NO SCROLL CURSOR FOR ${select}`);
}
