// A page of commands as its reader walks it: one after the other against a running hub, each saying what the
// page shows below it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { main } from '../../core/src/cli/main.ts';
import { openEmbeddedStore } from '../../core/src/store/embedded.ts';
import { startHubInProcess, type HubInProcess } from '../support/hub-in-process.ts';
import { splitWords } from '../support/split-words.ts';
import { templateFile } from '../support/stores.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { readBlocks, readCommands } from './pages.ts';

export interface Walk {
  readonly hub: HubInProcess;
  /** Hands messages to a source of the Segment kind; `mount` as config says. */
  tell(mount: string, key: string, batch: readonly object[]): Promise<void>;
  /** @param titles of the blocks that the commands answer; undefined: the command says nothing that is shown. */
  walk(titles: readonly (string | undefined)[]): Promise<void>;
  dispose(): Promise<void>;
}

export interface WalkOptions {
  /** Of the page, and of the folder beside the tests that has its `hub.yaml`. */
  readonly page: string;
  readonly environment: Readonly<Record<string, string>>;
}

export async function openWalk({ page, environment }: WalkOptions): Promise<Walk> {
  const text = await readFile(join(workspaceRoot, `docs/guides/${page}.md`), 'utf8');
  const blocks = new Map(readBlocks(text).map(({ title, content }) => [title, content]));
  const folder = await mkdtemp(join(tmpdir(), 'tributary-walk-'));
  const config = await readFile(join(import.meta.dirname, page, 'hub.yaml'), 'utf8');
  const hub = await startHubInProcess({
    config: config.replace(
      /^( {2}name: .*)$/m,
      `$1\n  key: ${Buffer.alloc(32, 5).toString('base64')}`,
    ),
    environment,
    store: await openEmbeddedStore({ folder: 'memory:', template: templateFile() }),
  });

  /** `echo` and `printf` of the page write files; everything else is the hub's command line. */
  async function run(command: string): Promise<string> {
    const [, format = '', file = ''] = /^(?:echo|printf) '([^']*)' > (\S+)$/.exec(command) ?? [];
    if (file !== '') {
      await writeFile(join(folder, file), format.replaceAll('\\n', '\n'));
      return '';
    }
    const { words, inputFile = '' } = splitWords(command);
    const lines = (await readFile(join(folder, inputFile), 'utf8')).split('\n').filter(Boolean);
    const said: string[] = [];
    const code = await main(words.slice(1), {
      out: (line) => said.push(line),
      err: (line) => said.push(line),
      env: { TRIBUTARY_URL: hub.hub.url, TRIBUTARY_KEY: hub.hub.firstKey ?? '' },
      now: () => Date.now(),
      lines: () => Promise.resolve(lines),
    });
    expect({ command, code, said: code === 0 ? '' : said }).toEqual({ command, code: 0, said: '' });
    return said.join('\n');
  }

  /** Each line that the page shows is there, with the times and numbers that the page leaves out. */
  async function shows(command: string, title: string): Promise<void> {
    const wanted = (blocks.get(title) ?? '').trim().split('\n');
    expect(wanted.length).toBeGreaterThan(1);
    await vi.waitFor(
      async () => {
        const said = await run(command);
        for (const line of wanted) expect(said).toContain(line.trim());
      },
      { timeout: 30_000, interval: 200 },
    );
  }

  return {
    hub,
    async tell(mount, key, batch) {
      const response = await fetch(`${hub.hub.url}${mount}/v1/batch`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
        },
        body: JSON.stringify({ batch }),
      });
      expect(response.status).toBe(200);
    },
    async walk(titles) {
      const commands = readCommands(text);
      expect(commands).toHaveLength(titles.length);
      for (const [place, command] of commands.entries()) {
        const title = titles[place];
        if (title === undefined) await run(command);
        else await shows(command, title);
      }
    },
    async dispose() {
      await hub.hub.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
