// A new plugin as its author has it: laid out by the installed command, in a folder outside of this
// repository, with nothing but what its package.json says; checked, tested, packed, installed beside a hub.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBlocks } from '../docs/pages.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { buildAndPack, hasRegistry, install, mustRun, run } from './user-folder.ts';

const reachable = await hasRegistry();
if (!reachable && process.env['REQUIRE_SERVICES'] === '1') {
  throw new Error('REQUIRE_SERVICES=1 and the npm registry cannot be reached from this machine');
}
if (!reachable) console.warn('skipped: the npm registry cannot be reached from this machine');

let folder = '';
let tarballs: string[] = [];

describe.skipIf(!reachable)('a scaffolded plugin', () => {
  const hub = (): string => join(folder, 'hub');
  const own = (): string => join(hub(), 'tributary-destination-post');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-scaffold-'));
    tarballs = await buildAndPack(['sdk', 'core'], join(folder, 'tarballs'));
    await install(hub(), tarballs, ['--prefer-offline']);
    await mustRun(hub(), 'npx', ['tributary', 'plugin', 'new', 'destination', 'post']);
    // What is not published yet comes from the tarballs; the ranges stay as they were written.
    const file = join(own(), 'package.json');
    const manifest: { devDependencies: Record<string, string> } = JSON.parse(
      await readFile(file, 'utf8'),
    );
    for (const name of ['core', 'sdk']) {
      const tarball = tarballs.find((path) => path.includes(`tributary-${name}-`)) ?? '';
      manifest.devDependencies[`@tributary/${name}`] = `file:${tarball}`;
    }
    await writeFile(file, JSON.stringify(manifest, undefined, 2));
    await mustRun(own(), 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
  }, 400_000);
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  test('passes every command of the guide before it is published', async () => {
    const page = await readFile(join(workspaceRoot, 'docs/guides/publish-a-plugin.md'), 'utf8');
    const before = readBlocks(page).find(({ title }) => title === 'before')?.content ?? 'false';
    for (const command of before.trim().split('\n')) {
      const told = await run(own(), 'sh', ['-c', command]);
      expect({ command, ...told }).toMatchObject({ code: 0 });
    }
  }, 300_000);

  test('is what was built, and passes its report card where it is installed', async () => {
    await mustRun(own(), 'npm', ['pack', '--silent']);
    const packed = join(own(), 'tributary-destination-post-0.1.0.tgz');
    const files = await mustRun(folder, 'tar', ['--list', '--file', packed]);
    expect(files).toContain('package/dist/index.js');
    expect(files).not.toMatch(/\/src\/|\.test\./);
    await mustRun(hub(), 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', packed]);
    const words = ['tributary', 'plugin', 'test', 'tributary-destination-post'];
    expect(await run(hub(), 'npx', words)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/\d+ passed, 0 failed/),
    });
  }, 300_000);
});
