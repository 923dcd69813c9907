// What the page for privacy officers tells them to run does what it says, one command after the other, and its
// states are those that there are.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../core/src/cli/commands.ts';
import { main } from '../../core/src/cli/main.ts';
import { parseCommandLine } from '../../core/src/cli/parse-command-line.ts';
import { schemas } from '../../core/src/http/api/schemas.ts';
import { openEmbeddedStore } from '../../core/src/store/embedded.ts';
import {
  ada,
  arrives,
  askErasure,
  awaitStates,
  bob,
  send,
  startTown,
} from '../e2e/privacy/town.ts';
import { splitWords } from '../support/split-words.ts';
import { templateFile } from '../support/stores.ts';
import { waitUntil } from '../support/wait-until.ts';
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

test('the page, from top to bottom', { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-privacy-'));
  const town = await startTown(
    await openEmbeddedStore({ folder: 'memory:', template: templateFile() }),
  );
  const { url, firstKey = '' } = town.hub.hub;
  await writeFile(join(folder, 'traits.yaml'), 'first_name: Countess\n');
  let request = '';

  /** A command of the page; `< identifiers.txt` names one of the two. */
  async function run(command: string, identifiers: readonly string[]): Promise<string> {
    const words = splitWords(command)
      .words.slice(1)
      .map((word) => (word.startsWith('5f0c1e2d-') ? request : word))
      .map((word) => (word.endsWith('.yaml') ? join(folder, word) : word))
      // By hand is what no plugin can do.
      .map((word) => (command.includes(' confirm ') && word === 'mail' ? 'paper' : word));
    const out: string[] = [];
    const err: string[] = [];
    const code = await main(words, {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      env: { TRIBUTARY_URL: url, TRIBUTARY_KEY: firstKey },
      now: () => Date.now(),
      lines: () => Promise.resolve(identifiers),
    });
    expect({ command, code, err }).toMatchObject({ code: 0 });
    return [...out, ...err].join('\n');
  }

  try {
    await send(town, [...arrives(ada), ...arrives(bob)]);
    const isAtHook = ({ name }: typeof ada): boolean =>
      JSON.stringify(town.hook.received).includes(name);
    await waitUntil(
      () => town.fake.members('Readers').length === 2 && isAtHook(ada) && isAtHook(bob),
      { what: 'both to be known everywhere', withinMs: 60_000 },
    );
    const commands = told[Symbol.iterator]();
    const next = (identifiers: readonly string[] = []): Promise<string> =>
      run(commands.next().value ?? '', identifiers);

    const erased = await next([`email:${bob.email}`]);
    request = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(erased)?.[0] ?? '';
    await awaitStates(town, request, { mail: 'done', hook: 'done', paper: 'by_hand' });
    expect(await next()).toMatch(/paper[^]*by_hand/);
    expect(await next()).toContain('Confirmed');
    // The town keeps everything.
    expect(await next()).toContain('There are none');
    expect(await next([`email:${ada.email}`])).toContain(`"${ada.name}"`);
    expect(await next([`email:${ada.email}`])).toContain('<h1>Your data');
    expect(await next([`email:${ada.email}`])).toMatch(/Denied for \d identifiers/);
    expect(await next([`email:${ada.email}`])).toContain('Corrected');
    await askErasure(town, [{ namespace: 'user_id', value: ada.userId }]);
    expect(await next()).toMatch(/erase +working/);
    expect(await next()).toMatch(/mail +audience:Readers +first_name +email_marketing +consent/);
    expect(commands.next().done).toBe(true);
  } finally {
    await town.close();
    await rm(folder, { recursive: true, force: true });
  }
});
