// Writes all that a store holds into one archive, as it was at one moment: one snapshot, read through
// cursors, so that neither the hub nor memory notices its size.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ClientBase } from 'pg';
import type { StoreConnection } from '../store/connection.ts';
import { archiveFormat, encodeLine, type ArchiveHeader, type ArchiveLine } from './archive.ts';
import {
  closeCursor,
  declareCursor,
  fetchRows,
  selectIdentityColumns,
  selectNextNumber,
  selectSetting,
  selectTables,
} from './plans.ts';

export interface BackupProgress {
  readonly table: string;
  /** Of all tables so far. */
  readonly rows: number;
}

export interface WriteBackupOptions {
  /** Nothing else may use it meanwhile. */
  readonly connection: StoreConnection;
  /** It is ended when the archive is whole, and destroyed where it is not. */
  readonly target: Writable;
  readonly now: number;
  onProgress?(progress: BackupProgress): void;
}

export interface BackupSummary {
  readonly header: ArchiveHeader;
  readonly rows: number;
  readonly tables: number;
  readonly sha256: string;
}

export async function writeBackup(options: WriteBackupOptions): Promise<BackupSummary> {
  const { client } = options.connection;
  const gzip = createGzip();
  gzip.pipe(options.target);
  const written = finished(options.target);
  written.catch(() => gzip.destroy()); // told below
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const summary = await writeLines(options, createLineWriter(gzip));
    gzip.end();
    await written;
    return summary;
  } catch (error) {
    gzip.destroy();
    options.target.destroy();
    throw await firstFailure(written, error);
  } finally {
    await client.query('ROLLBACK');
  }
}

/** A full disk shows first as a stream that takes no more. */
async function firstFailure(written: Promise<void>, otherwise: unknown): Promise<unknown> {
  const failed = written.then(() => otherwise).catch((error: unknown) => error);
  const found = await failed;
  const premature =
    found instanceof Error && 'code' in found && found.code === 'ERR_STREAM_PREMATURE_CLOSE';
  return premature ? otherwise : found;
}

interface LineWriter {
  write(line: ArchiveLine): Promise<void>;
  digest(): string;
}

function createLineWriter(target: Writable): LineWriter {
  const hash = createHash('sha256');
  // A stream that was destroyed never drains.
  const closed = new AbortController();
  target.once('close', () => closed.abort());
  return {
    async write(line) {
      const text = `${encodeLine(line)}\n`;
      if (line.kind !== 'seal') hash.update(text);
      if (target.destroyed) throw new Error('the archive takes no more');
      if (!target.write(text)) await once(target, 'drain', { signal: closed.signal });
    },
    digest: () => hash.copy().digest('hex'),
  };
}

async function writeLines(
  { connection, now, onProgress }: WriteBackupOptions,
  lines: LineWriter,
): Promise<BackupSummary> {
  const { client, schema, migrations } = connection;
  const tables = await listTables(client, schema);
  const header: ArchiveHeader = {
    tributary: 'backup',
    format: archiveFormat,
    takenAt: new Date(now).toISOString(),
    migrations,
    keyFingerprint: await readFingerprint(client, schema),
    nextNumbers: await readNextNumbers(client, schema),
  };
  await lines.write({ kind: 'header', header });
  let rows = 0;
  for (const { table, columns } of tables) {
    await lines.write({ kind: 'table', table, columns });
    const before = rows;
    for await (const page of pagesOf(client, schema, table)) {
      for (const json of page) await lines.write({ kind: 'row', json });
      rows += page.length;
      onProgress?.({ table, rows });
    }
    await lines.write({ kind: 'end', table, rows: rows - before });
  }
  const sha256 = lines.digest();
  await lines.write({ kind: 'seal', rows, sha256 });
  return { header, rows, tables: tables.length, sha256 };
}

export interface TableColumns {
  readonly table: string;
  readonly columns: readonly string[];
}

export async function listTables(client: ClientBase, schema: string): Promise<TableColumns[]> {
  const found = await client.query<{ table: string; columns: string[] }>(selectTables, [schema]);
  return found.rows;
}

export interface IdentityColumn {
  readonly table: string;
  readonly column: string;
  readonly sequence: string;
}

export async function listIdentityColumns(
  client: ClientBase,
  schema: string,
): Promise<IdentityColumn[]> {
  const found = await client.query<IdentityColumn>(selectIdentityColumns, [schema]);
  return found.rows;
}

/** After the snapshot was taken: sequences know none, and may only be ahead of it. */
async function readNextNumbers(
  client: ClientBase,
  schema: string,
): Promise<Record<string, number>> {
  const next: Record<string, number> = {};
  for (const { table, column, sequence } of await listIdentityColumns(client, schema)) {
    const { rows } = await client.query<{ next: string | number }>(selectNextNumber(sequence));
    next[nameOfColumn(table, column)] = Number(rows[0]?.next ?? 1);
  }
  return next;
}

export function nameOfColumn(table: string, column: string): string {
  return `${table}.${column}`;
}

/** '' in a store that no hub has started on yet. */
async function readFingerprint(client: ClientBase, schema: string): Promise<string> {
  const found = await client.query<{ value: unknown }>(selectSetting(schema), ['deployment_key']);
  const value = found.rows[0]?.value;
  return typeof value === 'string' ? value : '';
}

async function* pagesOf(
  client: ClientBase,
  schema: string,
  table: string,
): AsyncGenerator<string[]> {
  await client.query(declareCursor(schema, table));
  for (;;) {
    const { rows } = await client.query<{ row: string }>(fetchRows);
    if (rows.length === 0) break;
    yield rows.map(({ row }) => row);
  }
  await client.query(closeCursor);
}
