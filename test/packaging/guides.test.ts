// The first commands of the guides for authors as they stand, in a folder outside of this repository, with
// whatever Node and npm the machine has: packing, installing, scaffolding, the plugin's own tests, `check`.
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBlocks } from '../docs/pages.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { alone, hasRegistry, run, type Run } from './user-folder.ts';

const reachable = await hasRegistry();
if (!reachable && process.env['REQUIRE_SERVICES'] === '1') {
  throw new Error('REQUIRE_SERVICES=1 and the npm registry cannot be reached from this machine');
}
if (!reachable) console.warn('skipped: the npm registry cannot be reached from this machine');

const pages = [
  ['write-a-source', 'tributary-source-shop'],
  ['write-a-destination', 'tributary-destination-post'],
] as const;
let folder = '';

async function blockOf(page: string, title: string): Promise<string> {
  const text = await readFile(join(workspaceRoot, `docs/guides/${page}.md`), 'utf8');
  const block = readBlocks(text).find((candidate) => candidate.title === title);
  if (block === undefined) throw new Error(`${page} has no block ${title}`);
  return block.content;
}

describe.skipIf(!reachable)('from a checkout', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-guides-'));
  });
  afterAll(async () => rm(folder, { recursive: true, force: true }));

  test('both guides pack alike', async () => {
    const [first, second] = await Promise.all(pages.map(([page]) => blockOf(page, 'pack')));
    expect(first).toBe(second);
    // This checkout is not beside the folder of the test; all else is as on the page.
    const command = first?.replace('../tributary-packages', join(folder, 'tributary-packages'));
    const told = await alone(() => run(workspaceRoot, 'sh', ['-ec', command ?? 'false']));
    expect(told).toMatchObject({ code: 0, out: expect.stringContaining('packages are in') });
  }, 400_000);

  test.each(pages)(
    '%s: installs, scaffolds, passes its report card and its check',
    async (page, plugin) => {
      const beside = join(folder, page);
      const hub = join(beside, 'my-hub');
      await mkdir(beside);
      // Where the page has it: beside the folder of the hub.
      await symlink(join(folder, 'tributary-packages'), join(beside, 'tributary-packages'));
      const follow = async (title: string, from: string): Promise<Run> =>
        run(from, 'sh', ['-ec', await blockOf(page, title)]);
      expect(await follow('setup', beside)).toMatchObject({ code: 0 });
      expect(await follow('scaffold', hub)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/\d+ passed, 0 failed/),
      });
      await writeFile(join(hub, 'hub.yaml'), await blockOf(page, 'hub.yaml'));
      expect(await follow('check', join(hub, plugin))).toMatchObject({
        code: 0,
        out: expect.stringContaining('is right'),
      });
    },
    400_000,
  );
});
