// Every word of the glossary is explained once and lives somewhere in the code.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspaceRoot } from '../tools/workspace.ts';
import { readGlossary } from './glossary.ts';

const words = [
  'record',
  'event',
  'identifier',
  'decision',
  'evidence',
  'profile',
  'trait',
  'purpose',
  'audience',
  'lane',
  'instance',
  'delivery',
  'outcome',
  'subject',
  'device',
  'contact point',
  'state',
  'action',
  'privacy request',
  'suppression',
  'deployment key',
  'disclosure',
  'retention',
  'checkpoint',
];

const entries = readGlossary(await readFile(join(workspaceRoot, 'docs/glossary.md'), 'utf8'));

test('the glossary explains each word once, and no other', () => {
  expect(entries.map((entry) => entry.word)).toEqual(words);
});

test.each(entries)('$word lives in $place', async ({ place }) => {
  const path = join(workspaceRoot, place);
  const found = await stat(path);
  expect(found.isFile() || (await readdir(path)).some((name) => name.endsWith('.ts'))).toBe(true);
});

test('a row that names no place is refused', () => {
  expect(() => readGlossary('| a | b | c |\n| - | - | - |\n| record | A thing. | |')).toThrow(
    'not a glossary row',
  );
});
