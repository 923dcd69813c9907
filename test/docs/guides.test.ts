// The guides as a newcomer lives them: the files they show are those that the scaffold lays out and those in
// write-*/, and each command does what the page says. The walk of the destination is test/e2e/newcomer.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layOut, type Layout } from '../../core/src/cli/plugin/shapes.ts';
import { openGuide, type Guide, type Running } from '../support/guide.ts';
import { waitUntil } from '../support/wait-until.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { readBlocks } from './pages.ts';

const guides: [page: string, layout: Pick<Layout, 'kind' | 'shape' | 'name'>][] = [
  ['write-a-source', { kind: 'source', shape: 'webhook', name: 'shop' }],
  ['write-a-destination', { kind: 'destination', shape: 'list', name: 'post' }],
];

describe.each(guides)('%s', (page, layout) => {
  test('shows the files that its reader has', async () => {
    const text = await readFile(join(workspaceRoot, `docs/guides/${page}.md`), 'utf8');
    const packageName = `tributary-${layout.kind}-${layout.name}`;
    const laid = layOut({ ...layout, packageName, license: 'Apache-2.0', version: '0.1.0' });
    const shown = readBlocks(text).filter(({ language }) => language !== 'sh');
    expect(shown.length).toBeGreaterThan(3);
    for (const { title, content } of shown) {
      const own = laid.find(({ path }) => path === title)?.text;
      const file = join(import.meta.dirname, page, title);
      expect({ title, content }).toEqual({ title, content: own ?? (await readFile(file, 'utf8')) });
    }
  });

  test('has no command without a test', async () => {
    const text = await readFile(join(workspaceRoot, `docs/guides/${page}.md`), 'utf8');
    expect(text.match(/^```sh$/gm)).toBeNull();
  });
});

describe('the source', () => {
  const walked = new Set<string>();
  let guide: Guide;
  let hub: Running | undefined;
  let folder = '';

  beforeAll(async () => {
    guide = await openGuide('write-a-source');
    folder = await mkdtemp(join(tmpdir(), 'tributary-guide-'));
  });
  afterAll(async () => {
    await hub?.stop();
    await guide.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const run = async (title: string, environment = {}): Promise<string> => {
    walked.add(title);
    const { code, said } = await guide.run(title, environment);
    expect({ code, said }).toMatchObject({ code: 0 });
    return said;
  };

  test('from an empty folder to somebody who arrives, once', async () => {
    await run('pack');
    await run('setup');
    expect(await run('scaffold')).toMatch(/\d+ passed, 0 failed/);
    walked.add('dev');
    const dev = guide.start('dev');
    await dev.hear(/(all as it should be)/);
    await dev.stop();
    await guide.write('hub.yaml', (text) => text.replace('port: 8090', 'port: 0'), '..');
    await run('check');
    walked.add('start');
    hub = guide.start('start');
    const url = await hub.hear(/is listening on (\S+)/);
    const environment = {
      TRIBUTARY_URL: url,
      TRIBUTARY_KEY: await hub.hear(/shown this once: (\S+)/),
    };
    guide.rewrite('http://localhost:8090', url);
    for (const _ of [1, 2]) expect(await run('send')).toContain('204');
    // A member is told by the id of her profile.
    await waitUntil(
      async () => /\b[0-9a-f]{8}-[0-9a-f-]{27}\b/.test(await run('members', environment)),
      {
        what: 'Ada to be a buyer',
      },
    );
    const steps = guide.blocks.filter(({ language }) => language === 'sh');
    expect(steps.map(({ title }) => title).filter((title) => !walked.has(title))).toEqual([]);
  }, 240_000);
});
