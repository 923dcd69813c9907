// Makes a store of an archive: the schema that it was taken from, its rows, and a note that this is
// what the store came from. One transaction: an archive that turns out damaged leaves nothing behind.
// The next start brings the schema up to date and settles what a restore leaves open.
import type { Readable } from 'node:stream';
import type { ClientBase } from 'pg';
import { createStore } from '../store/connection.ts';
import type { StoreSettings } from '../store/open.ts';
import { damaged, readArchive, type ArchiveHeader, type ArchiveLine } from './archive.ts';
import { BackupError } from './errors.ts';
import { advanceIdentity, emptyTables, insertRows, keepSetting } from './plans.ts';
import { restoredSetting, textOf } from './restored.ts';
import {
  listIdentityColumns,
  listTables,
  nameOfColumn,
  type BackupProgress,
  type TableColumns,
} from './write-backup.ts';

export interface RestoreOptions {
  /** Opens the archive from its beginning; called twice, since it is read through before anything is made. */
  readonly open: () => Readable;
  /** Where there is no store yet. */
  readonly store: StoreSettings;
  /** Of the deployment key that the hub will start with. */
  readonly keyFingerprint: string;
  readonly now: number;
  onProgress?(progress: BackupProgress): void;
}

export interface RestoreSummary {
  readonly header: ArchiveHeader;
  readonly rows: number;
}

const batchRows = 500;
const batchBytes = 4 * 1_024 * 1_024;

export async function restoreBackup(options: RestoreOptions): Promise<RestoreSummary> {
  await checkBackup(options.open());
  const lines = readArchive(options.open());
  const header = await readHeader(lines, options.keyFingerprint);
  try {
    const upTo = header.migrations.at(-1) ?? '';
    const rows = await createStore(options.store, upTo, ({ client, schema }) =>
      inTransaction(client, async () => {
        const loaded = await loadRows(client, schema, lines, options);
        await advanceIdentities(client, schema, header);
        const takenAt = Date.parse(header.takenAt);
        const note = textOf({ takenAt, restoredAt: options.now, settled: undefined });
        await client.query(keepSetting(schema), [restoredSetting, note]);
        return loaded;
      }),
    );
    return { header, rows };
  } finally {
    await lines.return(undefined);
  }
}

/** Reads an archive through: is it whole and as it was written? */
export async function checkBackup(source: Readable): Promise<RestoreSummary> {
  let header: ArchiveHeader | undefined;
  let rows = 0;
  for await (const line of readArchive(source)) {
    if (line.kind === 'header') header = line.header;
    if (line.kind === 'seal') rows = line.rows;
  }
  if (header === undefined) throw damaged('it does not begin');
  return { header, rows };
}

async function inTransaction<Result>(
  client: ClientBase,
  work: () => Promise<Result>,
): Promise<Result> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** Before anything is made: is it a backup, and can the hub that is to start make use of it? */
async function readHeader(
  lines: AsyncGenerator<ArchiveLine>,
  keyFingerprint: string,
): Promise<ArchiveHeader> {
  const first = await lines.next();
  if (first.done === true || first.value.kind !== 'header') throw damaged('it does not begin');
  const { header } = first.value;
  if (header.keyFingerprint === '' || header.keyFingerprint === keyFingerprint) return header;
  throw new BackupError(
    'BACKUP_KEY_WRONG',
    'hub.key: found another deployment key than the one the backup was made with, expected that one. Give it as `hub.key`, or as `deployment.key` in the folder of the embedded store.',
  );
}

/** @returns how many rows. */
async function loadRows(
  client: ClientBase,
  schema: string,
  lines: AsyncGenerator<ArchiveLine>,
  { onProgress }: RestoreOptions,
): Promise<number> {
  const known = new Map(
    (await listTables(client, schema)).map(({ table, columns }) => [table, columns]),
  );
  await client.query(emptyTables(schema, [...known.keys()]));
  let rows = 0;
  let open: Loader | undefined;
  for await (const line of lines) {
    if (line.kind === 'table') open = createLoader(client, schema, checkTable(line, known));
    else if (line.kind === 'row') {
      await (open ?? notOpen()).add(line.json);
    } else if (line.kind === 'end') {
      const { table } = line;
      rows += await (open ?? notOpen()).finish(line.rows);
      open = undefined;
      onProgress?.({ table, rows });
    }
  }
  return rows;
}

/** Names come from a file: only those that the schema has are ever put into a statement. */
function checkTable(
  line: TableColumns,
  known: ReadonlyMap<string, readonly string[]>,
): TableColumns {
  const columns = known.get(line.table) ?? [];
  const stranger = line.columns.find((column) => !columns.includes(column));
  if (columns.length > 0 && stranger === undefined) return line;
  throw damaged('it names a table or column that its own schema does not have');
}

function notOpen(): never {
  throw damaged('it has rows outside a table');
}

interface Loader {
  add(json: string): Promise<void>;
  /** @returns how many rows; throws where they are not as many as were written. */
  finish(expected: number): Promise<number>;
}

function createLoader(
  client: ClientBase,
  schema: string,
  { table, columns }: TableColumns,
): Loader {
  const text = insertRows(schema, table, columns);
  let waiting: string[] = [];
  let bytes = 0;
  let rows = 0;

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    await client.query(text, [`[${waiting.join(',')}]`]);
    rows += waiting.length;
    waiting = [];
    bytes = 0;
  }

  return {
    async add(json) {
      waiting.push(json);
      bytes += json.length;
      if (waiting.length >= batchRows || bytes >= batchBytes) await flush();
    },
    async finish(expected) {
      await flush();
      if (rows !== expected) throw damaged(`${table} has ${rows} rows, ${expected} were written`);
      return rows;
    },
  };
}

async function advanceIdentities(
  client: ClientBase,
  schema: string,
  { nextNumbers }: ArchiveHeader,
): Promise<void> {
  for (const { table, column, sequence } of await listIdentityColumns(client, schema)) {
    const next = nextNumbers[nameOfColumn(table, column)] ?? 1;
    await client.query(advanceIdentity(schema, table, column), [sequence, next]);
  }
}
