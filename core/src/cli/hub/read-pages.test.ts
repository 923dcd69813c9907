// Lists that are longer than a page: each page is printed before the next is asked for.
import { expect, it } from 'vitest';
import { operations } from '../../http/operations-table.ts';
import { createSafeTerminal } from '../terminal.ts';
import type { HubClient } from './hub-client.ts';
import { printPages } from './print-answer.ts';
import { printJson } from './print-json.ts';
import { readPages } from './read-pages.ts';

const operation = operations.find(({ id }) => id === 'exportAudit');

const columns = ['number', 'late'];

interface Told {
  readonly printed: string[];
  /** How many lines stood there when a page was asked for. */
  readonly before: number[];
}

async function print(all: number, wanted: number, as: 'json' | 'table' = 'json'): Promise<Told> {
  if (operation === undefined) throw new Error('no such operation');
  const printed: string[] = [];
  const before: number[] = [];
  const hub: HubClient = {
    async *lines() {},
    call: (_, { query: { after = 0, limit } }) => {
      before.push(printed.length);
      const count = Math.max(0, Math.min(Number(limit), all - Number(after)));
      const items = Array.from({ length: count }, (_item, place) => ({
        number: Number(after) + place + 1,
        ...(Number(after) > 0 ? { late: 'x' } : {}),
      }));
      const next = count === Number(limit) ? { next: Number(after) + count } : {};
      return Promise.resolve({ items, ...next });
    },
  };
  const terminal = createSafeTerminal({
    out: (line) => void printed.push(line),
    err: () => undefined,
    env: {},
    now: () => 0,
  });
  const call = { path: {}, query: {}, body: {} };
  const pages = readPages(operation, call, wanted, hub);
  const table = { name: 'list', examples: [], print: { as: 'table', columns } } as const;
  await (as === 'json' ? printJson(pages, terminal) : printPages(pages, table, terminal));
  return { printed, before };
}

it.each([
  [0, Infinity, 0],
  [999, Infinity, 999],
  [2_000, Infinity, 2_000],
  [2_500, Infinity, 2_500],
  [2_500, 1_700, 1_700],
])('of %d, up to %d, %d are one document', async (all, wanted, count) => {
  const { printed } = await print(all, wanted);
  const items = Array.from({ length: count }, (_item, place) => ({ number: place + 1 }));
  const document: unknown = JSON.parse(printed.join('\n'));
  expect(document).toMatchObject({ items });
});

it('of nothing no table is made', async () => {
  expect((await print(0, Infinity, 'table')).printed).toEqual([]);
});

it.each([1_000, 2_000, 2_500])('of %d one table is made', async (all) => {
  const { printed } = await print(all, Infinity, 'table');
  const [head, first, ...rest] = printed;
  expect(head).toBe('NUMBER  LATE');
  expect(first).toBe('1');
  expect(printed).toHaveLength(all + 1);
  expect(rest.at(-1)).toBe(all > 1_000 ? `${all}    x` : `${all}`);
  expect(printed.filter((line) => line.startsWith('NUMBER'))).toHaveLength(1);
});

it('what has come stands there before more is asked for', async () => {
  const { before } = await print(2_500, Infinity);
  expect(before).toHaveLength(3);
  expect(before[1]).toBeGreaterThan(990);
  expect(before[2]).toBeGreaterThan(1_990);
});
