// Completion as a person at a shell meets it: bash itself is asked what it would offer.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from './commands.ts';
import { renderCompletion } from './completion.ts';
import { main } from './main.ts';

const run = promisify(execFile);
let folder = '';
let script = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-completion-'));
  script = join(folder, 'tributary.bash');
  const said: string[] = [];
  const terminal = { out: (text: string) => said.push(text), err: () => undefined };
  await main(['completion', 'bash'], { ...terminal, env: {}, now: () => 0 });
  await writeFile(script, said.join('\n'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** What bash offers for the last of the words. */
async function offered(...words: string[]): Promise<string[]> {
  const asked = `source "$1"; shift; COMP_WORDS=(tributary "$@"); COMP_CWORD=$#; _tributary; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['-c', asked, 'bash', script, ...words]);
  return stdout.split('\n').filter((word) => word !== '');
}

test.each([
  [['aud'], ['audience', 'audit']],
  [
    ['audit', ''],
    ['tail', 'export', 'verify'],
  ],
  [['source', 'pa'], ['pause']],
  [
    ['source', 'checkpoint', ''],
    ['show', 'set', 'reset'],
  ],
  [['keys', 'create', '--r'], ['--role']],
  [
    ['backup', ''],
    ['check', 'take'],
  ],
  [['source', 'pause', 'shop', '--j'], ['--json']],
  [
    ['destination', 'pause', '-'],
    ['--url', '--config', '--key-file', '--json', '--help'],
  ],
  // Files: the shell itself looks for these.
  [['check', ''], []],
  [['start', '--config', ''], []],
])('tributary %j', async (words, expected) => {
  expect(await offered(...words)).toEqual(expected);
});

test('offers every command and every option of it', async () => {
  for (const { name, options } of commands) {
    const words = name.split(' ');
    expect(await offered(...words)).toContain(words.at(-1));
    const found = Object.keys(options).map((option) => `--${option}`);
    expect(await offered(...words, '--')).toEqual(expect.arrayContaining(found));
  }
}, 120_000);

test.each(['zsh', 'fish'] as const)('%s gets a script with every word', (shell) => {
  const text = renderCompletion(shell, commands);
  for (const { name } of commands) expect(text).toContain(name.split(' ').at(-1));
});

test('of a shell that is none is a mistake of the command line', async () => {
  const said: string[] = [];
  const terminal = { out: () => undefined, err: (text: string) => said.push(text) };
  expect(await main(['completion', 'csh'], { ...terminal, env: {}, now: () => 0 })).toBe(2);
  expect(said.join()).toContain('found "csh", expected one of bash, zsh, fish');
});
