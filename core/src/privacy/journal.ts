// Erasures are kept outside the store as well, by keyed hash: a backup from before one knows nothing of it,
// and whoever restores it would bring people back. A file per delete record, durable before the store
// has taken notice of it.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '@tributary/sdk';
import { createFileOnce } from '../audit/write-file.ts';

export interface JournalEntry {
  readonly request: string;
  /** Up to when, milliseconds since 1970. */
  readonly at: number;
  /** Keyed hashes of what was erased. */
  readonly hashes: readonly string[];
  /** Fingerprint of the deployment key they were made under; undefined: the first one of the store. */
  readonly key: string | undefined;
}

/** @param id of the delete record; the same one is written once. */
export async function writeJournal(folder: string, id: string, entry: JournalEntry): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await createFileOnce(join(folder, `${id}.json`), `${JSON.stringify(entry)}\n`, 0o600);
}

/** In the order of their times. Throws where a file is no entry: an erasure must not be passed over. */
export async function readJournal(folder: string): Promise<readonly JournalEntry[]> {
  const files = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const entries: JournalEntry[] = [];
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    entries.push(parseEntry(join(folder, file), await readFile(join(folder, file), 'utf8')));
  }
  return entries.toSorted((one, other) => one.at - other.at);
}

function parseEntry(file: string, text: string): JournalEntry {
  const value: unknown = parse(text);
  if (isJsonObject(value)) {
    const { request, at, hashes, key } = value;
    const isEntry = typeof request === 'string' && typeof at === 'number' && Array.isArray(hashes);
    const fingerprint = typeof key === 'string' ? key : undefined;
    if (isEntry) return { request, at, hashes: hashes.map(String), key: fingerprint };
  }
  throw new Error(
    `JOURNAL_UNREADABLE: ${file}: found no entry of the journal of erasures, expected one. Put the file back from where the journal is copied to.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
