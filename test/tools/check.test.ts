// A check that cannot fail checks nothing: each one is run over a small workspace that is in order,
// and again with one thing wrong.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workspaceRoot } from './workspace.ts';

const settings = ['tsconfig.json', '.oxlintrc.json', '.prettierrc.json', '.prettierignore'];
const sdkManifest = { name: '@tributary/sdk', type: 'module', exports: { '.': './src/index.ts' } };
const inOrder: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'small', type: 'module', workspaces: ['sdk', 'core'] }),
  'knip.json': JSON.stringify({ workspaces: { '.': {}, sdk: {}, core: {} } }),
  'sdk/package.json': JSON.stringify(sdkManifest),
  'sdk/src/index.ts': 'export const answer: number = 42;\n',
  'core/package.json': JSON.stringify({ ...sdkManifest, name: '@tributary/core' }),
  'core/src/index.ts':
    "export { decide } from './audience/decide.ts';\nexport { port } from './http/serve.ts';\n",
  'core/src/audience/decide.ts': 'export const decide = (): boolean => true;\n',
  'core/src/http/serve.ts': 'export const port: number = 1;\n',
};

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-check-'));
  await symlink(join(workspaceRoot, 'node_modules'), join(folder, 'node_modules'));
  for (const name of settings) await cp(join(workspaceRoot, name), join(folder, name));
  for (const [path, text] of Object.entries(inOrder)) await plant(path, text);
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function plant(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function check(only: string): Promise<{ code: number; out: string }> {
  const script = join(workspaceRoot, 'test/tools/check.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, '--folder', folder, '--only', only], (error, out) =>
      resolve({ code: error ? Number(error.code) : 0, out }),
    );
  });
}

interface Wrong {
  readonly check: string;
  readonly title: string;
  readonly path: string;
  readonly text: string;
  readonly says: string;
}

const decide = 'core/src/audience/decide.ts';
const wrongs: readonly Wrong[] = [
  {
    check: 'types',
    title: 'a wrong type',
    path: 'sdk/src/index.ts',
    text: "export const answer: number = 'x';\n",
    says: 'TS2322',
  },
  {
    check: 'types',
    title: 'syntax that type stripping cannot run',
    path: 'sdk/src/index.ts',
    text: 'export enum Answer {\n  Yes,\n}\n',
    says: 'TS1294',
  },
  {
    check: 'lint',
    title: 'a floating promise',
    path: decide,
    text: 'export const decide = async (): Promise<void> => {};\ndecide();\n',
    says: 'no-floating-promises',
  },
  {
    check: 'lint',
    title: 'an any',
    path: decide,
    text: 'export const decide = (value: any): boolean => Boolean(value);\n',
    says: 'no-explicit-any',
  },
  {
    check: 'lint',
    title: 'a switch that forgets a case',
    path: decide,
    text: "export function decide(value: 'a' | 'b'): number {\n  switch (value) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
    says: 'switch-exhaustiveness-check',
  },
  {
    check: 'lint',
    title: 'the time taken from the world',
    path: decide,
    text: 'export const decide = (): number => Date.now();\n',
    says: 'injected clock',
  },
  {
    check: 'lint',
    title: 'an SDK that imports the core',
    path: 'sdk/src/index.ts',
    text: "export { decide } from '@tributary/core';\n",
    says: 'The SDK imports nothing of ours',
  },
  {
    check: 'lint',
    title: 'a core that imports a plugin',
    path: decide,
    text: "export { decide } from '@tributary/source-demo';\n",
    says: 'never a plugin',
  },
  {
    check: 'lint',
    title: 'a folder that imports http',
    path: decide,
    text: "export { port as decide } from '../http/serve.ts';\n",
    says: 'sit on top',
  },
  {
    check: 'lint',
    title: 'a plugin that imports the core',
    path: 'plugins/source-shop/src/index.ts',
    text: "export { decide } from '@tributary/core';\n",
    says: "own vendor's client",
  },
  {
    check: 'unused',
    title: 'a file nobody imports',
    path: 'core/src/audience/forgotten.ts',
    text: 'export const forgotten: number = 1;\n',
    says: 'forgotten.ts',
  },
  {
    check: 'format',
    title: 'a badly formatted file',
    path: decide,
    text: 'export const   decide = ()=>true\n',
    says: decide,
  },
];

describe.each(['types', 'lint', 'unused', 'format'])('%s', (name) => {
  test('passes what is in order', async () => {
    // Formatting is about our own files, not the manifests written here on one line.
    if (name === 'format') await plant('.prettierignore', '*.json\n');
    expect(await check(name)).toMatchObject({ code: 0, out: expect.stringMatching(/^ok .*s\n$/) });
  });
});

test.each(wrongs)('$check finds $title', async (wrong) => {
  if (wrong.check === 'format') await plant('.prettierignore', '*.json\n');
  await plant(wrong.path, wrong.text);
  const { code, out } = await check(wrong.check);
  expect(out).toContain(wrong.says);
  expect(out).toMatch(/^FAILED/);
  expect(code).toBe(1);
});

test('a check that does not exist is refused', async () => {
  expect((await check('spelling')).code).toBe(2);
});
