// What the page for operators tells them to run exists: commands with their options, and paths.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../core/src/cli/commands.ts';
import { exitCodeWords } from '../../core/src/cli/exit-codes.ts';
import { parseCommandLine } from '../../core/src/cli/parse-command-line.ts';
import { operations } from '../../core/src/http/api/operations.ts';
import { splitWords } from '../support/split-words.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { readCommands } from './pages.ts';

const text = await readFile(join(workspaceRoot, 'docs/guides/operate.md'), 'utf8');
const told = readCommands(text);

test.each(told.filter((command) => command.startsWith('tributary ')))('%s', (command) => {
  expect(parseCommandLine(splitWords(command).words.slice(1), commands)).toMatchObject({
    kind: 'run',
  });
});

test.each(told.filter((command) => command.startsWith('curl ')))('%s', (command) => {
  const [, path = ''] = /\$TRIBUTARY_URL\/api(\/[^?\s"]*)/.exec(command) ?? [];
  const method = /-X POST| -d /.test(command) ? 'post' : 'get';
  const routes = operations.filter((operation) => operation.method === method);
  expect(routes.filter(({ route }) => fits(route, path))).toHaveLength(1);
});

test('nothing is told that is neither', () => {
  expect(told.length).toBeGreaterThan(15);
  expect(told.filter((command) => !/^(tributary|curl) /.test(command))).toEqual([]);
});

test('exit codes are all there', () => {
  for (const code of Object.keys(exitCodeWords))
    expect(text).toMatch(new RegExp(`^\\| ${code} `, 'm'));
});

function fits(route: string, path: string): boolean {
  return new RegExp(`^${route.replace(/\{\w+\}/g, '[\\w-]+')}$`).test(path);
}
