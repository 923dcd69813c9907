// What the page for privacy officers tells them to run exists, and its states are those that there are.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../core/src/cli/commands.ts';
import { parseCommandLine } from '../../core/src/cli/parse-command-line.ts';
import { schemas } from '../../core/src/http/api/schemas.ts';
import { splitWords } from '../support/split-words.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { readCommands } from './pages.ts';

const text = await readFile(join(workspaceRoot, 'docs/guides/privacy.md'), 'utf8');
const told = readCommands(text);

test.each(told)('%s', (command) => {
  const { words } = splitWords(command);
  expect(words[0]).toBe('tributary');
  expect(parseCommandLine(words.slice(1), commands)).toMatchObject({ kind: 'run' });
});

test('every command of the group is told of', () => {
  const names = commands.map(({ name }) => name).filter((name) => name.startsWith('privacy '));
  expect(names.length).toBeGreaterThan(6);
  for (const name of names) {
    expect(told.some((command) => command.startsWith(`tributary ${name}`))).toBe(true);
  }
});

test('every state of a destination is explained', () => {
  const described = JSON.stringify(schemas.ErasureAtDestination);
  const states = [...text.matchAll(/^\| `(\w+)` /gm)].map(([, state = '']) => state);
  expect(states.length).toBe(8);
  for (const state of states) expect(described).toContain(`"${state}"`);
});
