// The map that newcomers read is the house: each room is on it, each door is there, and no room writes
// another's tables.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspaceRoot } from '../tools/workspace.ts';
import { loadModules } from './modules.ts';
import { loadTables, loadWrites, readRooms, readWrites } from './rooms.ts';

const page = await readFile(join(workspaceRoot, 'docs/architecture.md'), 'utf8');
const rooms = readRooms(page);
const tables = await loadTables(workspaceRoot);

/** What the page calls exceptions. */
const allowed = new Set([
  'core/src/audience/plans.ts profile',
  'core/src/resolve/rebuild.ts identifier',
  'core/src/resolve/rebuild.ts membership',
  'core/src/resolve/forget-folded.ts identifier',
  'core/src/resolve/forget-folded.ts cursor',
  'core/src/resolve/plans.ts cursor',
  'core/src/resolve/rules-of-folding.ts setting',
  'core/src/delivery/forward/plans.ts cursor',
  'core/src/backup/restored.ts setting',
  'core/src/rekey/plans.ts event',
]);

test('every room is on the map, once', async () => {
  const folders = await readdir(join(workspaceRoot, 'core/src'), { withFileTypes: true });
  const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(rooms.map(({ name }) => name).sort()).toEqual(names.sort());
});

test.each(rooms)('the doors of $name are there', async ({ name, doors }) => {
  expect(doors.length).toBeGreaterThan(0);
  for (const door of doors) {
    const source = await readFile(join(workspaceRoot, 'core/src', name, door.file), 'utf8');
    expect(source).toMatch(
      new RegExp(`^export (?:async )?(?:function|const) ${door.name}\\b`, 'm'),
    );
  }
});

test('store and observe import no other room', async () => {
  const modules = (await loadModules(workspaceRoot)).filter(
    ({ path }) => /^core\/src\/(store|observe)\//.test(path) && !path.endsWith('.test.ts'),
  );
  expect(modules.length).toBeGreaterThan(10);
  const outside = modules.flatMap(({ path, imports }) =>
    imports.filter((found) => found.path?.startsWith(path.split('/', 3).join('/')) === false),
  );
  expect(outside).toEqual([]);
});

test('every table has one room', () => {
  expect(rooms.flatMap((room) => room.tables).sort()).toEqual(tables.toSorted());
});

test('no room writes the tables of another', async () => {
  const owners = new Map(rooms.flatMap(({ name, tables }) => tables.map((table) => [table, name])));
  const writes = (await loadWrites(workspaceRoot)).filter(({ table }) => owners.has(table));
  expect(new Set(writes.map(({ table }) => table)).size).toBeGreaterThan(30);
  const trespasses = writes
    .filter(({ room, table }) => owners.get(table) !== room)
    .map(({ file, table }) => `${file} ${table}`);
  expect(trespasses.filter((trespass) => !allowed.has(trespass))).toEqual([]);
  expect([...allowed].filter((exception) => !trespasses.includes(exception))).toEqual([]);
});

test('a trespass is seen', () => {
  const source = 'const q = `WITH gone AS (DELETE FROM ledger) UPDATE profile SET x = 1`;';
  expect(readWrites('core/src/http/x.ts', source)).toEqual([
    { room: 'http', file: 'core/src/http/x.ts', table: 'ledger' },
    { room: 'http', file: 'core/src/http/x.ts', table: 'profile' },
  ]);
});
