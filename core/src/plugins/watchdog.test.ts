// Who holds the thread is named, whichever way; whom nobody can name is told, and left to go on.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const script = fileURLToPath(new URL('./fixtures/hold-the-thread.ts', import.meta.url));

interface End {
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

/** The thread is held until the watchdog ends the process, or has said `enough`. */
async function hold(way: string, enough?: RegExp): Promise<End> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-hold-'));
  const heardFile = join(folder, 'heard');
  const child = spawn(process.execPath, ['--conditions=tributary-source', script, way, heardFile]);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (enough?.test(said)) void writeFile(heardFile, '');
    });
  }
  return new Promise((resolve) => {
    child.once('close', (_code, signal) => resolve({ signal, said }));
  });
}

/** Reached only where the watchdog says nothing. */
const inVain = { timeout: 120_000 };

test.each([
  ['a loop of a plugin', /PLUGIN_HUNG: shop: .* in file:\S+hold-the-thread\.ts:\d+,/],
  ['a loop long after the call', /PLUGIN_HUNG: shop: .* in file:\S+hold-the-thread\.ts:\d+,/],
  ['native code in a call', /PLUGIN_HUNG: shop: .* for 1 s/],
])('%s', inVain, async (way, words) => {
  const { signal, said } = await hold(way);
  expect(said).toMatch(words);
  expect(signal).toBe('SIGKILL');
});

test('whoever holds it next is looked at as well', inVain, async () => {
  const { signal, said } = await hold('a loop of the hub, then one of a plugin', /no plugin/);
  expect(said).toMatch(/no plugin runs there[^]*PLUGIN_HUNG: shop: /);
  expect(signal).toBe('SIGKILL');
});

test('a loop of the hub is told, and left to go on', inVain, async () => {
  const told = /has not turned for 1000 ms(?: in file:\S+hold-the-thread\.ts:\d+)?; no plugin/g;
  const { signal, said } = await hold('a loop of the hub', told);
  expect(said.match(told)).toHaveLength(1);
  expect(said).toContain('let go');
  expect(signal).toBeNull();
});
