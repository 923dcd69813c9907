// The guides as a newcomer lives them: the files they show are those in write-*/, the contract suites
// pass by the guides' own command, and what they send arrives where they say.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createConfigWorld } from '../../core/src/config/world.ts';
import { loadConfig } from '../../core/src/config/load-config.ts';
import { startHub, type Hub } from '../../core/src/hub.ts';
import { createLogger } from '../../core/src/observe/logger.ts';
import { openEmbeddedStore } from '../../core/src/store/embedded.ts';
import { dynamicStatement } from '../../core/src/store/store.ts';
import { templateFile } from '../support/stores.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { readBlocks, readCommands } from './pages.ts';
import { run } from './run-command.ts';

const guides = ['write-a-source', 'write-a-destination'].map((name) => ({
  name,
  page: `docs/guides/${name}.md`,
  folder: fileURLToPath(new URL(name, import.meta.url)),
}));

/** The commands that a guide names, with the folder of its fixtures in place of the reader's. */
async function commandsOf(page: string, folder: string): Promise<string[]> {
  const text = await readFile(`${workspaceRoot}/${page}`, 'utf8');
  return readCommands(text).map((command) => command.replaceAll('my-hub/', `${folder}/`));
}

describe.each(guides)('$name', ({ page, folder }) => {
  test('shows each of its files as it is', async () => {
    const text = await readFile(`${workspaceRoot}/${page}`, 'utf8');
    const shown = readBlocks(text).filter(({ language }) => language !== 'sh');
    const files = await readdir(folder);
    expect(shown.map(({ title }) => title).sort()).toEqual(files.sort());
    for (const { title, content } of shown) {
      expect({ title, content }).toEqual({
        title,
        content: await readFile(`${folder}/${title}`, 'utf8'),
      });
    }
  });

  test('passes the contract by its own command', async () => {
    const commands = await commandsOf(page, folder);
    const command = commands.find((candidate) => candidate.includes('--test')) ?? '';
    const said = await run(command.replace('npx node', `'${process.execPath}'`));
    const passed = Number(/pass (\d+)/.exec(said)?.[1]);
    expect(said).toMatch(/fail 0$/m);
    const words = passed === 10 ? 'Ten' : String(passed);
    expect(await readFile(`${workspaceRoot}/${page}`, 'utf8')).toContain(`${words} checks pass`);
  });
});

let hub: Hub | undefined;
afterEach(async () => {
  await hub?.stop();
  hub = undefined;
});

test('the source: what the form sends makes a member, once', async () => {
  const running = await startGuide('write-a-source');
  const send = await blockOf('write-a-source', 'send');
  for (const _ of [1, 2]) {
    expect(await run(send.replace('http://localhost:8090', running.url))).toContain('204');
  }
  await vi.waitFor(async () => expect(await membersOf(running, 'waiting')).toHaveLength(1), {
    timeout: 20_000,
  });
  const events = dynamicStatement('test.events', 'SELECT number FROM event');
  expect(await running.store.query('background', events)).toHaveLength(1);
});

describe('the destination', () => {
  let vendor: ChildProcess | undefined;
  let vendorPort = 0;
  let heard = '';

  beforeAll(async () => {
    vendorPort = await findFreePort();
    const file = fileURLToPath(new URL('write-a-destination/vendor.ts', import.meta.url));
    vendor = spawn(process.execPath, [file], {
      env: { ...process.env, PORT: String(vendorPort) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    vendor.stdout?.setEncoding('utf8').on('data', (text: string) => (heard += text));
  });
  afterAll(async () => {
    if (vendor === undefined || vendor.exitCode !== null) return;
    vendor.kill();
    await once(vendor, 'exit');
  });

  test('hears of Ada, and of her change of mind', async () => {
    const running = await startGuide('write-a-destination', {
      POST_OFFICE_URL: `http://127.0.0.1:${vendorPort}`,
    });
    const say = async (title: string): Promise<void> => {
      const command = await blockOf('write-a-destination', title);
      await run(command.replace('http://localhost:8090', running.url));
    };
    const hears = (words: string): Promise<void> =>
      vi.waitFor(() => expect(heard).toContain(words), { timeout: 30_000 });
    await say('send');
    await hears('/lists/waiting-list/add {"members":[{"email":"ada@example.com"');
    await say('withdraw');
    await hears('/lists/waiting-list/remove {"members":[{"email":"ada@example.com"');
  });
});

/** The hub of a guide's config, with a database in memory and any port. */
async function startGuide(
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Hub> {
  const file = fileURLToPath(new URL(`${name}/hub.yaml`, import.meta.url));
  const loaded = await loadConfig(file, createConfigWorld(environment));
  const deploymentKey = randomBytes(32).toString('base64');
  hub = await startHub(
    { ...loaded, config: { ...loaded.config, deploymentKey } },
    {
      port: 0,
      log: createLogger({ level: 'silent' }),
      store: await openEmbeddedStore({ folder: 'memory:', template: templateFile() }),
    },
  );
  expect(hub.problems).toEqual([]);
  return hub;
}

async function blockOf(name: string, title: string): Promise<string> {
  const text = await readFile(`${workspaceRoot}/docs/guides/${name}.md`, 'utf8');
  const block = readBlocks(text).find((candidate) => candidate.title === title);
  if (block === undefined) throw new Error(`${name} has no block ${title}`);
  return block.content;
}

async function membersOf(running: Hub, audience: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${running.url}/api/audiences/${audience}/members`, {
    headers: { authorization: `Bearer ${running.firstKey ?? ''}` },
  });
  const body = (await answer.json()) as { readonly items: readonly unknown[] };
  return body.items;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
