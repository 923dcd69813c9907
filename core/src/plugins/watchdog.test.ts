// Who holds the thread is named, whichever way; whom nobody can name is told, and left to go on.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('./fixtures/hold-the-thread.ts', import.meta.url));

interface End {
  readonly signal: unknown;
  readonly said: string;
}

async function hold(way: string): Promise<End> {
  return new Promise((resolve) => {
    const args = ['--conditions=tributary-source', script, way];
    execFile(process.execPath, args, { timeout: 50_000 }, (error, out, err) => {
      resolve({ signal: error?.signal ?? null, said: out + err });
    });
  });
}

/** What times a thread from outside can be off on a machine that has much else to do. */
const onceMore = { retry: 2, timeout: 60_000 };

test.each([
  ['a loop of a plugin', /PLUGIN_HUNG: shop: .* in file:\S+hold-the-thread\.ts:\d+,/],
  ['a loop long after the call', /PLUGIN_HUNG: shop: .* in file:\S+hold-the-thread\.ts:\d+,/],
  ['native code in a call', /PLUGIN_HUNG: shop: .* for 1 s/],
])('%s', onceMore, async (way, words) => {
  const { signal, said } = await hold(way);
  expect(said).toMatch(words);
  expect(signal).toBe('SIGKILL');
});

test('a loop of the hub', onceMore, async () => {
  const { signal, said } = await hold('a loop of the hub');
  expect(said).toMatch(/has not turned for 1000 ms in file:\S+hold-the-thread\.ts:\d+; no plugin/);
  expect(said).toContain('let go');
  expect(signal).toBeNull();
});
