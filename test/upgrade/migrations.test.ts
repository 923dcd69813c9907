// The version before goes on working while the next one has already changed the schema: after the first,
// migrations only ever add.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspaceRoot } from '../tools/workspace.ts';

const folder = join(workspaceRoot, 'core/migrations');
const later = (await readdir(folder)).filter((file) => file > '0002').toSorted();

/** What a statement of the version before never notices. */
const harmless = [
  /^CREATE TABLE /,
  /^CREATE (OR REPLACE )?VIEW /,
  /^CREATE INDEX /,
  /^CREATE UNIQUE INDEX \w+ ON duty /, // of one row: nothing comes twice
  /^DROP INDEX /,
  /^ALTER TABLE \w+ (ADD COLUMN \w+ (?!.*NOT NULL(?!.*DEFAULT))[^,]*(, )?)+$/,
  /^ALTER TABLE \w+ SET \(/,
  /^ALTER INDEX \w+ SET \(/,
  /^(INSERT|UPDATE) /,
  /^COMMENT /,
];

/** Statements without comments, their blanks made one. */
function statementsOf(text: string): string[] {
  return text
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '');
}

const isHarmless = (statement: string): boolean =>
  harmless.some((pattern) => pattern.test(statement));

test.each(later)('%s only adds', async (file) => {
  const statements = statementsOf(await readFile(join(folder, file), 'utf8'));
  expect(statements.length).toBeGreaterThan(0);
  expect(statements.filter((statement) => !isHarmless(statement))).toEqual([]);
});

test.each([
  'ALTER TABLE event DROP COLUMN at',
  'ALTER TABLE event ADD COLUMN late boolean NOT NULL',
  'ALTER TABLE event RENAME COLUMN at TO moment',
  'ALTER TABLE event ALTER COLUMN at TYPE text',
  'DROP TABLE stop',
  'CREATE UNIQUE INDEX one ON event (at)',
])('"%s" would be noticed', (statement) => {
  expect(isHarmless(statement)).toBe(false);
});

test.each([
  'ALTER TABLE event ADD COLUMN late boolean NOT NULL DEFAULT false',
  'ALTER TABLE event ADD COLUMN late boolean, ADD COLUMN why text',
  'CREATE TABLE more (id bigint PRIMARY KEY)',
])('"%s" is fine', (statement) => {
  expect(isHarmless(statement)).toBe(true);
});
