// The walk of docs/guides/change-a-running-hub.md: its commands, run one after the other against a hub with
// the guide's config, say what the page shows.
import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../../core/src/cli/main.ts';
import { listenForReload } from '../../core/src/cli/reload-signal.ts';
import { createSafeTerminal } from '../../core/src/cli/terminal.ts';
import { createLogger } from '../../core/src/observe/logger.ts';
import { openEmbeddedStore } from '../../core/src/store/embedded.ts';
import { isAtRest } from '../support/hub-client.ts';
import { startHubInProcess, type HubInProcess } from '../support/hub-in-process.ts';
import { splitWords } from '../support/split-words.ts';
import { templateFile } from '../support/stores.ts';
import { waitUntil } from '../support/wait-until.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { readBlocks, readCommands } from './pages.ts';

const page = await readFile(join(workspaceRoot, 'docs/guides/change-a-running-hub.md'), 'utf8');
const blocks = new Map(readBlocks(page).map(({ title, content }) => [title, content.trimEnd()]));
const source = await readFile(join(import.meta.dirname, 'change-a-running-hub/hub.yaml'), 'utf8');
const first = source.replace(
  '  name: change',
  `$&\n  key: ${Buffer.alloc(32, 6).toString('base64')}`,
);

let hub: HubInProcess;
let crm: Server;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-change-'));
  crm = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end());
  });
  crm.listen(0, '127.0.0.1');
  await once(crm, 'listening');
  const { port } = crm.address() as AddressInfo;
  hub = await startHubInProcess({
    config: first,
    environment: { CRM_URL: `http://127.0.0.1:${port}/` },
    writeKey: 'web-key-of-a-walk',
    store: await openEmbeddedStore({ folder: 'memory:', template: templateFile() }),
  });
  await hub.send([
    ...customer('ada', { orders: 2, agrees: true }),
    ...customer('bob', { orders: 1, agrees: true }),
    ...customer('cleo', { orders: 1, agrees: false }),
  ]);
  await isSettled(1);
}, 60_000);
afterAll(async () => {
  await hub.hub.stop();
  crm.close();
  await rm(folder, { recursive: true, force: true });
});

function customer(
  userId: string,
  { orders, agrees }: { readonly orders: number; readonly agrees: boolean },
): object[] {
  const consents = [{ purpose: 'analytics', status: 'granted', evidence: { form: 'account' } }];
  return [
    { type: 'identify', userId, messageId: userId, traits: { plan: 'pro' } },
    ...Array.from({ length: orders }, (_, place) => ({
      type: 'track',
      userId,
      event: 'Order Completed',
      messageId: `${userId}-${place}`,
    })),
    ...(agrees ? [{ type: 'consent', userId, messageId: `${userId}-agrees`, consents }] : []),
  ];
}

/** So many are regulars, and the CRM knows. */
async function isSettled(regulars: number): Promise<void> {
  await waitUntil(
    async () =>
      (await hub.sizeOf('regulars')) === regulars && isAtRest(await hub.destination('crm')),
    { what: `${regulars} regulars to be told` },
  );
}

interface Ran {
  readonly code: number;
  readonly said: string;
}

const readKey = (): string => hub.hub.firstKey ?? '';
const path = (word: string): string => (/\.(json|yaml)$/.test(word) ? join(folder, word) : word);

/** The hub's command line, as the page writes it, with its files in a folder of the test. */
async function tributary(command: string): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await main(splitWords(command).words.slice(1).map(path), {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    env: { TRIBUTARY_URL: hub.hub.url, TRIBUTARY_KEY: readKey() },
    now: () => Date.now(),
    lines: () => Promise.resolve(['yes']),
  });
  const [, file] = / > (\S+)$/.exec(command) ?? [];
  if (file !== undefined) await writeFile(path(file), out.join('\n'));
  return { code, said: [...err, ...out].join('\n') };
}

async function curl(command: string): Promise<Ran> {
  const [, route = ''] = /\$TRIBUTARY_URL(\/api\/\S+)/.exec(command) ?? [];
  const [, body] = / -d '([^']*)'/.exec(command) ?? [];
  const response = await fetch(`${hub.hub.url}${route}`, {
    headers: { authorization: `Bearer ${readKey()}`, 'content-type': 'application/json' },
    ...(body !== undefined && { method: 'POST', body }),
  });
  return { code: response.ok ? 0 : 1, said: await response.text() };
}

async function hangUp(): Promise<Ran> {
  const said: string[] = [];
  const terminal = createSafeTerminal({
    out: (line) => said.push(line),
    err: (line) => said.push(line),
    env: {},
    now: () => Date.now(),
  });
  const signals = new EventEmitter();
  listenForReload(terminal, createLogger({ level: 'silent' }), signals).attach(hub.hub);
  signals.emit('SIGHUP');
  await waitUntil(() => Promise.resolve(said.length > 0), { what: 'the signal to be heard' });
  return { code: 0, said: said.join('\n') };
}

function run(command: string): Promise<Ran> {
  if (command.startsWith('kill -HUP ')) return hangUp();
  return command.startsWith('curl ') ? curl(command) : tributary(command);
}

/** Each line that the page shows is there; times and ids are left out on the page. */
function shows({ said }: Ran, title: string): void {
  const wanted = blocks.get(title)?.split('\n') ?? [];
  expect(wanted.length).toBeGreaterThan(0);
  for (const line of wanted) expect(said).toContain(line.trimEnd());
}

/** The first config with the page's own words in place of its audience and of the CRM's list. */
const looser = (): string =>
  first
    .replace(/^audiences:\n(?: .*\n)+/m, `${blocks.get('audiences')}\n`)
    .replace(/^ {4}audiences:\n.*\n/m, `${indented(blocks.get('crm') ?? '')}\n`);

function indented(text: string): string {
  return text.replaceAll(/^/gm, ' '.repeat(4));
}

test('the page, from top to bottom', { timeout: 120_000 }, async () => {
  const commands = readCommands(page)[Symbol.iterator]();
  const next = (): Promise<Ran> => run(commands.next().value ?? '');
  expect(looser()).toContain('atLeast: 1');
  expect(looser()).toContain('tier: plan');

  hub.configure(looser());
  shows(await next(), 'plan');
  shows(await next(), 'applied');
  await isSettled(3);

  // A saved plan holds until what it was made for is another.
  hub.configure(first);
  expect(await next()).toMatchObject({ code: 0 });
  expect(await next()).toMatchObject({ code: 0, said: 'Applied.' });
  await isSettled(1);
  const drifted = await next();
  expect(drifted.code).toBe(8);
  shows(drifted, 'drifted');
  expect(await next()).toMatchObject({ code: 0 });

  // From staging: looked at, saved, then put in the file's place.
  await writeFile(path('staging.yaml'), looser());
  expect((await next()).said).toMatch(/audiences +~ regulars[^]*regulars +1 +3 +\+2/);
  expect(await next()).toMatchObject({ code: 0 });
  hub.configure(looser());
  expect(await next()).toMatchObject({ code: 0, said: 'Applied.' });
  await isSettled(3);

  hub.configure(first);
  shows(await next(), 'taken-up');
  expect(await next()).toMatchObject({ code: 0, said: expect.stringContaining('"changed":false') });

  hub.configure(first.replace('port: 8090', 'port: 8091'));
  shows(await next(), 'restart');
  hub.configure(first);

  expect(await next()).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^\{"config":"[\w-]+"\}$/),
  });
  expect(await next()).toMatchObject({ code: 0 });
  expect(commands.next().done).toBe(true);
});
