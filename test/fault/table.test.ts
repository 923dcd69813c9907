// The table of failpoints and the code are one: what a row names is a statement of the hub, and what a
// bug changes is there to be changed.
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom } from '../support/random.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { bugs, plantInto } from './bugs.ts';
import { commitPoints, failpoints, failpointsOf, nameOf } from './failpoints.ts';
import { drawLives } from './lives.ts';

test('every mark is the name of a statement', async () => {
  const names = new Set<string>();
  /** Of statements that are alike for each of several tables: what their names begin with. */
  const beginnings = new Set<string>();
  for await (const file of glob('core/src/**/*.ts', { cwd: workspaceRoot })) {
    const text = readFileSync(join(workspaceRoot, file), 'utf8');
    for (const [, name] of text.matchAll(/(?:statement|command)\(\s*'([\w.]+)'/gi))
      if (name) names.add(name);
    for (const [, start] of text.matchAll(/(?:statement|command)\(\s*`([\w.]+)\$\{table\}`/gi))
      if (start) beginnings.add(start);
  }
  const isNamed = (mark: string): boolean =>
    names.has(mark) || [...beginnings].some((start) => mark.startsWith(start));
  const marks = commitPoints
    .flatMap((point) => point.marks)
    .filter((mark) => !mark.startsWith('('));
  expect(marks.filter((mark) => !isNamed(mark))).toEqual([]);
});

test.each(['embedded', 'server'] as const)(
  'no life on the %s store is sent where nobody comes',
  (kind) => {
    const never = commitPoints.filter((point) => point.never?.on === kind);
    expect(never).toHaveLength(1);
    for (const { never: said } of never) expect(said?.because).toMatch(/\w+ \w+ \w+/);
    const drawn = new Set(
      drawLives(kind, 2_000, createRandom(1)).flatMap(({ place }) => place?.at ?? []),
    );
    expect([...drawn].toSorted()).toEqual(failpointsOf(kind).toSorted());
    expect([...drawn].filter((at) => never.some(({ name }) => name === nameOf(at)))).toEqual([]);
  },
);

test('the guide lists every failpoint, and what only one store has', () => {
  const guide = readFileSync(join(workspaceRoot, 'docs/testing-faults.md'), 'utf8');
  const names = new Set(failpoints.map(nameOf));
  expect([...names].filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
});

test.each(bugs)('the place of the bug $name is there', (bug) => {
  const source = readFileSync(join(workspaceRoot, bug.file), 'utf8');
  expect(plantInto(source, bug)).not.toBe(source);
});
