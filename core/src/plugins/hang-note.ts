// What is remembered of a plugin that held the hub's thread: written by the watchdog while the main
// thread hangs, so it goes through no store of the hub. Beside an embedded database it is a file, which
// the next start takes into the table; on a server it is a row at once.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { upsertHangText } from './plans.ts';

export interface HangNote {
  readonly instance: string;
  /** ISO 8601. */
  readonly at: string;
  /** File and line, empty where they are not known. */
  readonly place: string;
  /** What the plugin's code was known by: other code gets another try. */
  readonly print: string;
}

export type NotePlace =
  | { readonly kind: 'embedded'; readonly folder: string }
  | { readonly kind: 'server'; readonly url: string; readonly schema: string };

const connectBoundMs = 5_000;

function fileIn(folder: string): string {
  return join(folder, 'plugin-hung.json');
}

export async function writeHangNote(place: NotePlace, note: HangNote): Promise<undefined> {
  if (place.kind === 'embedded') {
    writeFileSync(fileIn(place.folder), JSON.stringify(note), { flush: true, mode: 0o600 });
    return;
  }
  const client = new Client({
    connectionString: place.url,
    options: `-c search_path=${place.schema}`,
    connectionTimeoutMillis: connectBoundMs,
    query_timeout: connectBoundMs,
  });
  await client.connect();
  try {
    await client.query(upsertHangText, [note.instance, note.at, note.place, note.print]);
  } finally {
    await client.end();
  }
}

/** The note beside an embedded database, if a process left one. */
export function readHangNote(folder: string): HangNote | undefined {
  try {
    const note: unknown = JSON.parse(readFileSync(fileIn(folder), 'utf8'));
    return isNote(note) ? note : undefined;
  } catch {
    return undefined;
  }
}

export function removeHangNote(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}

function isNote(value: unknown): value is HangNote {
  if (typeof value !== 'object' || value === null) return false;
  return ['instance', 'at', 'place', 'print'].every(
    (field) => typeof Reflect.get(value, field) === 'string',
  );
}
