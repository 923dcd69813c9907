// Every pitfall that docs/pitfalls.md tells of is covered by a test that is there, under that title.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workspaceRoot } from '../tools/workspace.ts';
import { readPitfalls, readTitles } from './pitfalls.ts';

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `P${from + index}`);
const expected = [...numbers(1, 13), 'P16', 'P19', 'P21', ...numbers(23, 26)];

const page = await readFile(join(workspaceRoot, 'docs/pitfalls.md'), 'utf8');
const pitfalls = readPitfalls(page);

test('none is left out, none is told twice', () => {
  const ids = pitfalls.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(expected));
  expect(new Set(ids).size).toBe(ids.length);
});

describe.each(pitfalls)('$id', ({ tests }) => {
  test.each(tests)('is covered by $path › $title', async ({ path, title }) => {
    const source = await readFile(join(workspaceRoot, path), 'utf8');
    expect([...readTitles(path, source)]).toContain(title);
  });
});

test('titles are found in every form in which tests are written, and nowhere else', () => {
  const source = `
    it('one', () => {});
    test.each(rows)('two', () => {});
    test.skipIf(!present).each([1])('three', () => {});
    it.each<[string]>([['x']])('four', () => {});
    const rows = [{ title: 'five' }, { what: 'six' }];
    describe('no test', () => {});
    say('no test either'); // it('nor this')
  `;
  expect([...readTitles('a.test.ts', source)].sort()).toEqual(
    ['one', 'two', 'three', 'four', 'five', 'six'].sort(),
  );
});

test('a row without a test is refused', () => {
  expect(() => readPitfalls('| # | a | b | c |\n| - | - | - | - |\n| P1 | a | b | |')).toThrow(
    "not a pitfall's row",
  );
});
