// What a backup is: gzip over lines. The first says what it is, then each table's rows as JSON objects
// between a line that names its columns and one that counts them, and the last seals it with a hash over
// all lines before. Rows are text of PostgreSQL's own making, so a backup goes from either store into
// either.
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isJsonObject } from '@tributary/sdk';
import { BackupError } from './errors.ts';

export const archiveFormat = 1;

export interface ArchiveHeader {
  readonly tributary: 'backup';
  readonly format: number;
  /** ISO 8601: everything acknowledged before is in it. */
  readonly takenAt: string;
  /** Of the store, in order. */
  readonly migrations: readonly string[];
  /** Of the deployment key: which key it needs, without giving the key away. */
  readonly keyFingerprint: string;
  /**
   * By `<table>.<column>` that numbers its rows itself: the next number, which may be far behind the highest
   * that is left. Older backups do not say.
   */
  readonly nextNumbers: Readonly<Record<string, number>>;
}

export type ArchiveLine =
  | { readonly kind: 'header'; readonly header: ArchiveHeader }
  | { readonly kind: 'table'; readonly table: string; readonly columns: readonly string[] }
  | { readonly kind: 'row'; readonly json: string }
  | { readonly kind: 'end'; readonly table: string; readonly rows: number }
  | { readonly kind: 'seal'; readonly rows: number; readonly sha256: string };

/** One line, without its break. */
export function encodeLine(line: ArchiveLine): string {
  switch (line.kind) {
    case 'header':
      return JSON.stringify(line.header);
    case 'table':
      return JSON.stringify(['table', line.table, line.columns]);
    case 'row':
      return line.json;
    case 'end':
      return JSON.stringify(['end', line.table, line.rows]);
    case 'seal':
      return JSON.stringify(['seal', line.rows, line.sha256]);
  }
}

/**
 * Reads an archive to its end. The seal is checked before it is yielded; an archive that ends without
 * one, or is not one, throws BACKUP_UNREADABLE or BACKUP_DAMAGED.
 */
export async function* readArchive(source: Readable): AsyncGenerator<ArchiveLine> {
  const hash = createHash('sha256');
  let rows = 0;
  let sealed = false;
  for await (const text of linesOf(source)) {
    if (sealed) throw damaged('there is more behind its end');
    const line = decodeLine(text, rows === 0);
    if (line.kind === 'row') rows += 1;
    if (line.kind === 'seal') {
      if (line.rows !== rows) throw damaged(`it holds ${rows} rows, ${line.rows} were written`);
      if (line.sha256 !== hash.digest('hex')) throw damaged('its hash is another one');
      sealed = true;
    } else hash.update(text).update('\n');
    yield line;
  }
  if (!sealed) throw damaged('its end is missing');
}

/** Lines end with a line feed and nothing else: rows may hold every other character. */
async function* linesOf(source: Readable): AsyncGenerator<string> {
  const gunzip = createGunzip();
  source.once('error', (error) => gunzip.destroy(error));
  let rest = '';
  try {
    const texts: AsyncIterable<string> = source.pipe(gunzip).setEncoding('utf8');
    for await (const text of texts) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    if (error instanceof BackupError) throw error;
    const reason = error instanceof Error ? error.message : 'unknown';
    throw new BackupError(
      'BACKUP_UNREADABLE',
      `the archive: ${reason}. Use a file that \`tributary backup\` wrote, whole.`,
      { cause: error },
    );
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  if (rest !== '') throw damaged('its last line is cut');
}

function decodeLine(text: string, early: boolean): ArchiveLine {
  // Rows are most of it, and are handed on unread.
  if (text.startsWith('{')) return early ? headerOrRow(text) : { kind: 'row', json: text };
  const value = parse(text);
  if (isList(value)) {
    const [kind, first, second] = value;
    if (kind === 'table' && typeof first === 'string' && isTexts(second)) {
      return { kind, table: first, columns: second };
    }
    if (kind === 'end' && typeof first === 'string' && typeof second === 'number') {
      return { kind, table: first, rows: second };
    }
    if (kind === 'seal' && typeof first === 'number' && typeof second === 'string') {
      return { kind, rows: first, sha256: second };
    }
  }
  throw damaged('a line of it is none that a backup has');
}

function headerOrRow(text: string): ArchiveLine {
  const value = parse(text);
  if (!isJsonObject(value) || value['tributary'] !== 'backup') return { kind: 'row', json: text };
  const { format, takenAt, migrations, keyFingerprint, nextNumbers = {} } = value;
  if (format !== archiveFormat) {
    throw new BackupError(
      'BACKUP_NEWER',
      `the archive: found format ${JSON.stringify(format)}, expected ${archiveFormat}. Use the version of the hub that wrote it, or a newer one.`,
    );
  }
  if (
    typeof takenAt !== 'string' ||
    typeof keyFingerprint !== 'string' ||
    !isTexts(migrations) ||
    migrations.length === 0 ||
    !isNumbers(nextNumbers)
  ) {
    throw damaged('its first line does not say what it is');
  }
  const about = { takenAt, migrations, keyFingerprint, nextNumbers };
  return { kind: 'header', header: { tributary: 'backup', format, ...about } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged('a line of it is cut');
  }
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isNumbers(value: unknown): value is Record<string, number> {
  return isJsonObject(value) && Object.values(value).every((item) => Number.isSafeInteger(item));
}

export function damaged(found: string): BackupError {
  return new BackupError(
    'BACKUP_DAMAGED',
    `the archive: ${found}. Nothing of it was kept; use another copy.`,
  );
}
