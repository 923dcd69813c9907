// Decisions are numbered without gaps, dated, of one shape, and all in the index.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspaceRoot } from '../tools/workspace.ts';

const folder = join(workspaceRoot, 'docs/decisions');
const files = (await readdir(folder)).filter((name) => name !== 'README.md').sort();
const index = await readFile(join(folder, 'README.md'), 'utf8');

test('numbers have no gap', () => {
  const numbers = files.map((name) => Number(name.slice(0, 4)));
  expect(numbers).toEqual(files.map((_, place) => place + 1));
});

test.each(files)('%s', async (name) => {
  const text = await readFile(join(folder, name), 'utf8');
  const [, number, title] = /^# (\d{4})\. (.+)$/m.exec(text) ?? [];
  expect(number).toBe(name.slice(0, 4));
  expect(index).toContain(`- [${number}. ${title}](${name})`);
  expect(text).toMatch(/^\d{4}-\d{2}-\d{2}$/m);
  const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(headings).toEqual(['Question', 'Decision', 'Why', 'What it costs', 'Where']);
});
