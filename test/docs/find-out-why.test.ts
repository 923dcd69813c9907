// The walk of docs/guides/find-out-why.md: its commands, run one after the other against a hub with the
// guide's config, say what the page shows.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { main } from '../../core/src/cli/main.ts';
import { openEmbeddedStore } from '../../core/src/store/embedded.ts';
import { startHubInProcess, type HubInProcess } from '../support/hub-in-process.ts';
import { splitWords } from '../support/split-words.ts';
import { templateFile } from '../support/stores.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { readBlocks, readCommands } from './pages.ts';

const text = await readFile(join(workspaceRoot, 'docs/guides/find-out-why.md'), 'utf8');
const blocks = new Map(readBlocks(text).map(({ title, content }) => [title, content]));

let hub: HubInProcess;
let crm: Server;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-why-'));
  crm = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end());
  });
  crm.listen(0, '127.0.0.1');
  await once(crm, 'listening');
  const { port } = crm.address() as AddressInfo;
  hub = await startHubInProcess({
    config: (await readFile(join(import.meta.dirname, 'find-out-why/hub.yaml'), 'utf8')).replace(
      '  name: why',
      `  name: why\n  key: ${Buffer.alloc(32, 5).toString('base64')}`,
    ),
    environment: { CRM_URL: `http://127.0.0.1:${port}/` },
    writeKey: 'web-key-of-a-walk',
    store: await openEmbeddedStore({ folder: 'memory:', template: templateFile() }),
  });
  await tell('/billing', 'billing-key-of-a-walk', [identify('pro', 60)]);
  await tell('', 'web-key-of-a-walk', [identify('free', 30), order(20), order(10)]);
}, 60_000);
afterAll(async () => {
  await hub.hub.stop();
  crm.close();
  await rm(folder, { recursive: true, force: true });
});

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const identify = (plan: string, minutes: number): object => ({
  type: 'identify',
  userId: 'ada',
  messageId: plan,
  timestamp: ago(minutes),
  traits: { email: 'ada@example.com', plan },
});
const order = (minutes: number): object => ({
  type: 'track',
  userId: 'ada',
  event: 'Order Completed',
  messageId: `order-${minutes}`,
  timestamp: ago(minutes),
});

async function tell(mount: string, key: string, batch: readonly object[]): Promise<void> {
  const response = await fetch(`${hub.hub.url}${mount}/v1/batch`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
    },
    body: JSON.stringify({ batch }),
  });
  expect(response.status).toBe(200);
}

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

test('the page, from top to bottom', { timeout: 90_000 }, async () => {
  const titles = [
    undefined,
    'trait',
    'membership',
    undefined,
    'merge',
    'silence',
    undefined,
    'sent',
  ];
  const commands = readCommands(text);
  expect(commands).toHaveLength(titles.length);
  for (const [place, command] of commands.entries()) {
    const title = titles[place];
    if (title === undefined) await run(command);
    else await shows(command, title);
  }
});
