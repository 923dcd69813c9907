// Reads the table of rooms in docs/architecture.md, and what the code says to the same questions.
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Room {
  readonly name: string;
  readonly doors: readonly { readonly name: string; readonly file: string }[];
  readonly tables: readonly string[];
}

/** The rows below the heading «Rooms». */
export function readRooms(page: string): Room[] {
  const section = page.split(/^## /m).find((part) => part.startsWith('Rooms')) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => {
    const [room = '', , doors = '', tables = ''] = row.split('|').slice(1);
    return {
      name: room.replaceAll('`', '').trim(),
      doors: [...doors.matchAll(/`(\w+)` in `([\w.-]+)`/g)].map(([, name = '', file = '']) => ({
        name,
        file,
      })),
      tables: [...tables.matchAll(/`(\w+)`/g)].map(([, table = '']) => table),
    };
  });
}

/** Tables that the migrations make. */
export async function loadTables(root: string): Promise<string[]> {
  const tables: string[] = [];
  for await (const file of glob('core/migrations/*.sql', { cwd: root })) {
    const text = await readFile(join(root, file), 'utf8');
    tables.push(...[...text.matchAll(/^CREATE TABLE (\w+)/gm)].map(([, name = '']) => name));
  }
  return tables;
}

export interface Write {
  readonly room: string;
  readonly file: string;
  readonly table: string;
}

/** Every statement in the code of a room that changes rows, by the table it names. */
export function readWrites(file: string, source: string): Write[] {
  const room = file.split('/')[2] ?? '';
  const form = /\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_]+)/g;
  return [...source.matchAll(form)].map(([, table = '']) => ({ room, file, table }));
}

export async function loadWrites(root: string): Promise<Write[]> {
  const writes: Write[] = [];
  for await (const file of glob('core/src/*/**/*.ts', { cwd: root })) {
    if (file.endsWith('.test.ts')) continue;
    writes.push(...readWrites(file, await readFile(join(root, file), 'utf8')));
  }
  return writes;
}
