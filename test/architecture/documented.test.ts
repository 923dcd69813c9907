// Whoever writes a plugin reads the contract in her editor: each name of it says what it is there.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspaceRoot } from '../tools/workspace.ts';
import { entryPoints, findUndocumented } from './documented.ts';

const planted = join(import.meta.dirname, 'fixtures/undocumented');

test('every export of the SDK has a doc comment at its declaration', async () => {
  const entries = await entryPoints(join(workspaceRoot, 'sdk'));
  expect(entries.map((entry) => entry.slice(workspaceRoot.length))).toEqual([
    expect.stringMatching(/sdk\/src\/index\.ts$/),
    expect.stringMatching(/sdk\/src\/testing\/index\.ts$/),
  ]);
  const found = await Promise.all(
    entries.map(async (entry) => findUndocumented(workspaceRoot, entry)),
  );
  expect(found.flat().map(({ name, where }) => `${name} (${where})`)).toEqual([]);
});

test('an export that says nothing of itself is found and named, through every re-export', async () => {
  const [entry = ''] = await entryPoints(planted);
  expect(await findUndocumented(planted, entry)).toEqual([
    { name: 'planted', where: 'src/things.ts:8' },
    { name: 'Shape', where: 'src/things.ts:10' },
    { name: 'late', where: 'src/more.ts:8' },
    { name: 'Loud', where: 'src/more.ts:12' },
  ]);
});
