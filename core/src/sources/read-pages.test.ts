// A plugin's generator, read within bounds.
import { expect, test } from 'vitest';
import type { SourcePage } from '@tributary/sdk';
import { createTestClock } from '@tributary/sdk/testing';
import { readPages, type ReadPagesOptions } from './read-pages.ts';

const record = { type: 'track', event: 'x', identifiers: [] } as const;

async function read(
  pages: AsyncIterable<SourcePage>,
  options: Partial<ReadPagesOptions> = {},
): Promise<SourcePage[]> {
  const clock = createTestClock({ sleeps: 'pass' });
  const { signal } = new AbortController();
  const found: SourcePage[] = [];
  for await (const page of readPages(pages, { clock, signal, stallMs: undefined, ...options })) {
    found.push(page);
  }
  return found;
}

async function* never(): AsyncGenerator<SourcePage> {
  await new Promise(() => undefined);
  yield { records: [] };
}

test('a pull that brings nothing is given up, and says so', async () => {
  await expect(read(never(), { stallMs: 60_000 })).rejects.toThrow(
    /SOURCE_STALLED: .* within 60 s/,
  );
});

test('one that does not end when it is told to is left behind', async () => {
  const signal = AbortSignal.abort();
  expect(await read(never(), { signal })).toEqual([]);
});

test('empty pages without end let everybody else run, ever more slowly', async () => {
  const clock = createTestClock({ sleeps: 'pass' });
  const started = clock.now();
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  async function* flood(): AsyncGenerator<SourcePage> {
    for (let page = 0; page < 500; page += 1) yield { records: [] };
  }
  expect(await read(flood(), { clock })).toHaveLength(500);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(0);
  expect(clock.now() - started).toBeGreaterThan(300_000);
});

test.each([
  ['no page', null, /SOURCE_NONSENSE/],
  ['a page without records', { checkpoint: 1 }, /SOURCE_NONSENSE/],
  ['records that are no list', { records: { length: 2 } }, /SOURCE_NONSENSE/],
  [
    'more records than one transaction may hold',
    { records: Array.from({ length: 10_001 }, () => record) },
    /SOURCE_PAGE_TOO_LARGE: found 10001/,
  ],
])('%s is named', async (_, page, message) => {
  async function* pages(): AsyncGenerator<SourcePage> {
    yield page as never;
  }
  await expect(read(pages())).rejects.toThrow(message);
});
