// The statements of backup and restore. They go by the catalogue and not by a list of tables, so that a
// table which somebody adds is in the next backup by itself.
import { migrationsTable } from '../store/migrate.ts';

/** What is true of processes that run, and of no store. */
const passing = `('${migrationsTable}', 'duty', 'duty_heard')`;

/** Tables of a schema with the columns that can be written, in a fixed order. */
export const selectTables = `
  SELECT c.relname::text AS "table", array_agg(a.attname::text ORDER BY a.attnum) AS columns
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    AND a.attgenerated = ''
  WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname NOT IN ${passing}
  GROUP BY c.relname ORDER BY c.relname`;

/** All rows of one snapshot, in the order in which they lie. */
export function declareCursor(schema: string, table: string): string {
  return `DECLARE backup_rows NO SCROLL CURSOR FOR
    SELECT row_to_json(t)::text AS row FROM ${quoted(schema)}.${quoted(table)} AS t`;
}

export const fetchRows = 'FETCH 500 FROM backup_rows';
export const closeCursor = 'CLOSE backup_rows';

/** What migrations put there is in the backup as well. */
export function emptyTables(schema: string, tables: readonly string[]): string {
  return `TRUNCATE ${tables.map((table) => `${quoted(schema)}.${quoted(table)}`).join(', ')}`;
}

export function insertRows(schema: string, table: string, columns: readonly string[]): string {
  const name = `${quoted(schema)}.${quoted(table)}`;
  const list = columns.map(quoted).join(', ');
  return `INSERT INTO ${name} (${list}) OVERRIDING SYSTEM VALUE
    SELECT ${list} FROM json_populate_recordset(NULL::${name}, $1::json)`;
}

/** Columns by which a table numbers its rows itself. */
export const selectIdentityColumns = `
  SELECT c.relname::text AS "table", a.attname::text AS column,
    pg_get_serial_sequence(format('%s.%I', c.relnamespace::regnamespace, c.relname), a.attname)
      AS sequence
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
  WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' AND c.relname <> '${migrationsTable}'
  ORDER BY c.relname, a.attname`;

/** @param sequence as the catalogue writes it, quoted where it has to be. */
export function selectNextNumber(sequence: string): string {
  return `SELECT last_value + is_called::int AS next FROM ${sequence}`;
}

/** $1: the sequence. $2: where it stood; a number that was given is never given again, though its row is gone. */
export function advanceIdentity(schema: string, table: string, column: string): string {
  const name = `${quoted(schema)}.${quoted(table)}`;
  return `SELECT setval($1, greatest(coalesce(max(${quoted(column)}), 0) + 1, $2::bigint), false)
    FROM ${name}`;
}

export function selectSetting(schema: string): string {
  return `SELECT value FROM ${quoted(schema)}.setting WHERE name = $1`;
}

export function keepSetting(schema: string): string {
  return `INSERT INTO ${quoted(schema)}.setting (name, value) VALUES ($1, $2::jsonb)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
