// The table of failpoints and the code are one: what a row names is a statement of the hub, and what a
// bug changes is there to be changed.
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspaceRoot } from '../tools/workspace.ts';
import { bugs, plantInto } from './bugs.ts';
import { commitPoints, failpoints } from './failpoints.ts';

test('every mark is the name of a statement', async () => {
  const names = new Set<string>();
  for await (const file of glob('core/src/**/*.ts', { cwd: workspaceRoot })) {
    const text = readFileSync(join(workspaceRoot, file), 'utf8');
    for (const [, name] of text.matchAll(/(?:statement|command)\(\s*'([\w.]+)'/gi))
      if (name) names.add(name);
  }
  const marks = commitPoints
    .flatMap((point) => point.marks)
    .filter((mark) => !mark.startsWith('('));
  expect(marks.filter((mark) => !names.has(mark))).toEqual([]);
});

test('the guide lists every failpoint', () => {
  const guide = readFileSync(join(workspaceRoot, 'docs/testing-faults.md'), 'utf8');
  const names = new Set(failpoints.map((name) => name.replace(/:\w+$/, '')));
  expect([...names].filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
});

test.each(bugs)('the place of the bug $name is there', (bug) => {
  const source = readFileSync(join(workspaceRoot, bug.file), 'utf8');
  expect(plantInto(source, bug)).not.toBe(source);
});
