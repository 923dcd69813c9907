// What users install is not what we run: this packs the packages, installs the tarballs into an
// empty folder and starts the hub from there, with and without install scripts.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildAndPack, hasRegistry, install, mustRun, run, userNodeMajor } from './user-folder.ts';

const reachable = await hasRegistry();
if (!reachable && process.env['REQUIRE_SERVICES'] === '1') {
  throw new Error('REQUIRE_SERVICES=1 and the npm registry cannot be reached from this machine');
}
if (!reachable) console.warn('skipped: the npm registry cannot be reached from this machine');

const plugin = 'source-demo';
let folder = '';
let tarballs: string[] = [];

describe.skipIf(!reachable)('packed and installed', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-packed-'));
    tarballs = await buildAndPack(['sdk', 'core', `plugins/${plugin}`], join(folder, 'tarballs'));
  }, 400_000);
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  test('the tarballs hold JavaScript, declarations and licence, no sources and no tests', async () => {
    for (const tarball of tarballs) {
      const files = (await mustRun(folder, 'tar', ['--list', '--file', tarball]))
        .trim()
        .split('\n');
      expect(files).toEqual(
        expect.arrayContaining([
          'package/package.json',
          'package/LICENSE',
          'package/dist/index.js',
          'package/dist/index.d.ts',
        ]),
      );
      // What `plugin new` lays out is sources.
      const strangers = files.filter(
        (file) =>
          !file.startsWith('package/templates/') && /\.test\.|\/src\/|(?<!\.d)\.ts$/.test(file),
      );
      expect(strangers).toEqual([]);
    }
  });

  test('the installed hub runs', async () => {
    const user = join(folder, 'user');
    await install(user, tarballs, ['--prefer-offline']);
    const { version } = await readManifest(join(user, 'node_modules/@tributary/core'));
    const told = await run(user, 'npx', ['tributary', '--version']);
    expect(told).toMatchObject({ code: 0, out: expect.stringContaining(version) });

    await expectImportable(user, '@tributary/sdk', 'defineSource');
    await expectImportable(user, `@tributary/${plugin}`, 'default');
  }, 180_000);

  test('without install scripts it runs on a Node that is new enough, else says what to do', async () => {
    const user = join(folder, 'scriptless');
    await install(user, tarballs, ['--prefer-offline', '--ignore-scripts']);
    const told = await run(user, 'npx', ['tributary', '--version']);
    const runs = (await userNodeMajor(user)) >= 24;
    expect(told.code).toBe(runs ? 0 : 1);
    expect(told.err).toMatch(runs ? /^$/ : /TRIBUTARY_NODE_TOO_OLD: .* Install Node 24/);
    expect(told.err).not.toMatch(/SyntaxError|\n\s+at /);
  }, 180_000);
});

async function readManifest(path: string): Promise<{ version: string }> {
  const manifest: { version: string } = JSON.parse(
    await readFile(join(path, 'package.json'), 'utf8'),
  );
  return manifest;
}

/** Imports a package in the user's folder, on this test's own Node, and looks for one export. */
async function expectImportable(user: string, name: string, exported: string): Promise<void> {
  const script = join(user, 'import.js');
  await writeFile(script, `console.log(Object.keys(await import('${name}')).join(' '));`);
  const names = (await mustRun(user, process.execPath, [script])).trim().split(' ');
  expect(names).toContain(exported);
}
