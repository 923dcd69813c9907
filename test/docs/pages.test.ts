// What the pages tell people to open or to run is there.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workspaceRoot } from '../tools/workspace.ts';
import { loadPages, readAnchors, readCommands, readLinks, readScripts } from './pages.ts';

const pages = await loadPages(workspaceRoot);
const manifest: { scripts: Record<string, string> } = JSON.parse(
  await readFile(join(workspaceRoot, 'package.json'), 'utf8'),
);

/** The links of a page that lead nowhere. Other people's sites are not asked. */
function findBrokenLinks(path: string, text: string): string[] {
  return readLinks(text).filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), decodeURI(file)));
    if (!existsSync(join(workspaceRoot, target))) return true;
    const page = pages.find((candidate) => candidate.path === target);
    return anchor !== undefined && page !== undefined && !readAnchors(page.text).includes(anchor);
  });
}

test('there are pages to judge', () => {
  expect(pages.map((page) => page.path)).toEqual(
    expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'docs/glossary.md']),
  );
});

describe.each(pages)('$path', ({ path, text }) => {
  test('links lead somewhere', () => {
    expect(findBrokenLinks(path, text)).toEqual([]);
  });

  test('npm scripts exist', () => {
    const scripts = Object.keys(manifest.scripts);
    expect(readScripts(text).filter((name) => !scripts.includes(name))).toEqual([]);
  });
});

test('a broken link, a broken anchor and an unknown script are found', () => {
  const text = '[a](missing.md) [b](#nowhere) [c](README.md#start-it) `npm run nothing`';
  expect(findBrokenLinks('README.md', text)).toEqual(['missing.md', '#nowhere']);
  expect(readScripts(text)).toEqual(['nothing']);
});

test('the README shows the two commands and a first call', () => {
  const readme = pages.find((page) => page.path === 'README.md')?.text ?? '';
  const commands = readCommands(readme);
  expect(commands).toContain('npm ci && npm start');
  expect(commands).toContain('npm ci && npm test');
  expect(commands.filter((command) => command.startsWith('curl '))).toHaveLength(1);
});
