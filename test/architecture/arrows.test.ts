// The architecture as a test: no import in the workspace goes against an arrow, and one that does is
// found. The fixture workspace holds one breach of each kind.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findBreaches } from './arrows.ts';
import { loadDependencies, loadModules, readImports } from './modules.ts';

const root = join(import.meta.dirname, '../..');
const fixture = join(import.meta.dirname, 'fixtures/breaches');

test('every import follows the arrows', async () => {
  const modules = await loadModules(root);
  const imports = modules.reduce((sum, module) => sum + module.imports.length, 0);
  console.log(`arrows: ${modules.length} modules, ${imports} imports`);
  expect(modules.length).toBeGreaterThan(0);
  expect(modules.map((module) => module.path)).toContain('test/architecture/arrows.ts');
  for (const part of ['sdk/src/', 'core/src/', 'plugins/']) {
    expect(modules.some((module) => module.path.startsWith(part))).toBe(true);
  }
  expect(findBreaches(modules, await loadDependencies(root))).toEqual([]);
});

test('each kind of breach is found where it stands', async () => {
  const breaches = findBreaches(await loadModules(fixture), await loadDependencies(fixture));
  expect(breaches).toEqual([
    { where: 'core/src/audience/decide.ts:1', what: 'audience imports http' },
    {
      where: 'core/src/audience/decide.ts:2',
      what: 'core/src/identity/links.ts is not published by identity',
    },
    {
      where: 'core/src/audience/decide.ts:3',
      what: 'core/src/store/plans.ts is not published by store',
    },
    {
      where: 'core/src/audience/decide.ts:4',
      what: 'audience imports the composition: core/src/hub.ts',
    },
    {
      where: 'core/src/extra.ts:1',
      what: 'only hub.ts composes, and this imports store',
    },
    { where: 'core/src/hub.ts:1', what: 'core imports @tributary/source-shop' },
    {
      where: 'core/src/hub.ts:2',
      what: 'core leaves its package by a path: ../../plugins/source-shop/src/index.ts',
    },
    { where: 'core/src/hub.ts:3', what: 'imports the test core/src/hub.test.ts' },
    {
      where: 'plugins/source-shop/src/index.ts:2',
      what: 'plugins/source-shop imports @tributary/core',
    },
    {
      where: 'plugins/source-shop/src/index.ts:3',
      what: 'plugins/source-shop imports left-pad, which its package.json does not name',
    },
    {
      where: 'plugins/source-shop/src/index.ts:4',
      what: 'plugins/source-shop leaves its package by a path: ../../source-other/src/index.ts',
    },
    { where: 'sdk/src/index.ts:1', what: 'sdk imports @tributary/core' },
    {
      where: 'sdk/src/index.ts:2',
      what: 'sdk leaves its package by a path: ../../test/support/x.ts',
    },
  ]);
});

test('every way to import is seen, and a mention in a comment is not', () => {
  const source = `
    import a from 'one';
    import type { B } from './two.ts';
    export { c } from '../three.ts';
    export * from 'four';
    const lazy = () => import('five');
    let typed: import('six').Six;
    const old = require('seven');
    import 'eight';
    // import nothing from 'comment';
    const text = "import x from 'text'";
  `;
  expect(readImports('core/src/x/y.ts', source)).toEqual([
    { specifier: 'one', line: 2 },
    { specifier: './two.ts', line: 3, path: 'core/src/x/two.ts' },
    { specifier: '../three.ts', line: 4, path: 'core/src/three.ts' },
    { specifier: 'four', line: 5 },
    { specifier: 'five', line: 6 },
    { specifier: 'six', line: 7 },
    { specifier: 'seven', line: 8 },
    { specifier: 'eight', line: 9 },
  ]);
});
