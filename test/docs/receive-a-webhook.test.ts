// The guide to webhooks as a newcomer lives it: its files are those in receive-a-webhook/, its commands run,
// what it sends arrives, and what its mapping breaks on is replayed once it is mended.
import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createConfigWorld } from '../../core/src/config/world.ts';
import { loadConfig } from '../../core/src/config/load-config.ts';
import { startHub, type Hub } from '../../core/src/hub.ts';
import { createLogger } from '../../core/src/observe/logger.ts';
import { openEmbeddedStore } from '../../core/src/store/embedded.ts';
import { workspaceRoot } from '../tools/workspace.ts';
import { readBlocks, readCommands } from './pages.ts';
import { run } from './run-command.ts';

const fixtures = fileURLToPath(new URL('receive-a-webhook', import.meta.url));
const page = await readFile(join(workspaceRoot, 'docs/guides/receive-a-webhook.md'), 'utf8');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(workspaceRoot, 'test/docs/.receive-a-webhook-'));
  await cp(fixtures, folder, { recursive: true });
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const inFolder = (command: string): string => command.replaceAll('my-hub/', `${folder}/`);

test('shows each of its files as it is', async () => {
  const shown = readBlocks(page).filter(({ language }) => language !== 'bash');
  expect(shown.map(({ title }) => title)).toEqual(['hub.yaml', 'order.json']);
  for (const { title, content } of shown) {
    expect(content).toBe(await readFile(join(fixtures, title), 'utf8'));
  }
});

test('its commands say what it says', async () => {
  const [make, check, tests, preview] = readCommands(page);
  expect(make).toBe('mkdir my-hub');
  expect(await run(inFolder(check ?? ''))).toContain('is right: 1 source');
  expect(await run(inFolder(tests ?? ''))).toContain('2 of 2 tests of settings pass.');
  const said = await run(inFolder(preview ?? ''));
  const line = said.split('\n').find((text) => text.startsWith('{'));
  expect(JSON.parse(line ?? '')).toMatchObject({
    type: 'track',
    messageId: 'o-7',
    identifiers: [{ value: '42' }, { value: 'ada@example.com' }],
    properties: { total: 9 },
  });
});

test('a test that fails and a mistake in the mapping are told with their place', async () => {
  const file = join(folder, 'wrong.yaml');
  const text = await readFile(join(fixtures, 'hub.yaml'), 'utf8');
  await writeFile(file, text.replace('total: 24', 'total: 25'));
  await expect(run(`npm run tributary -- check --tests ${file}`)).rejects.toThrow(
    'sources.shop.settings.tests.0: "an order has the sum of its lines": out[0].properties.total: found 24, expected 25',
  );
  await writeFile(file, text.replace('"messageId": id,', '"messageId": id id,'));
  const line = text.slice(0, text.indexOf('"messageId"')).split('\n').length;
  const column = text.split('\n')[line - 1]?.indexOf('id,') ?? 0;
  await expect(run(`npm run tributary -- check ${file}`)).rejects.toThrow(
    `wrong.yaml:${line}:${column + 4}  PLUGIN_SETTINGS_REFUSED  sources.shop.settings.mapping`,
  );
});

test('what it sends arrives once; what breaks is kept, mended and replayed', async () => {
  const key = randomBytes(32).toString('base64');
  let hub = await start(key, (text) => text);
  const admin = hub.firstKey ?? '';
  const say = async (title: string): Promise<string> => {
    const block = readBlocks(page).find((candidate) => candidate.title === title);
    const command = inFolder(block?.content ?? 'exit 1').replaceAll(
      'http://localhost:8090',
      hub.url,
    );
    return run(command.replaceAll('$TRIBUTARY_KEY', admin));
  };
  expect(await say('send')).toBe('{"accepted":1,"duplicates":0,"kept":0}');
  expect(await say('send')).toBe('{"accepted":0,"duplicates":1,"kept":0}');
  expect(await say('break')).toBe('{"kept":true,"code":"MAPPING_RESULT_INVALID"}');
  expect(await say('why')).toContain('MAPPING_RESULT_INVALID: record 0: /messageId must be string');
  expect(JSON.parse(await say('replay'))).toEqual({ replayed: 0, stillOpen: 1 });
  await hub.stop();

  hub = await start(key, (text) => text.replace('"messageId": id,', '"messageId": $string(id),'));
  expect(JSON.parse(await say('replay'))).toEqual({ replayed: 1, stillOpen: 0 });
  await vi.waitFor(async () => expect(await countEvents(hub, admin)).toBe(2), { timeout: 20_000 });
  await hub.stop();
});

/** The hub of the guide's config after a change, on the store of this file. */
async function start(deploymentKey: string, change: (text: string) => string): Promise<Hub> {
  const world = createConfigWorld({});
  const loaded = await loadConfig(join(folder, 'hub.yaml'), {
    ...world,
    readFile: async (path) => change(await world.readFile(path)),
  });
  const hub = await startHub(
    { ...loaded, config: { ...loaded.config, deploymentKey } },
    {
      port: 0,
      log: createLogger({ level: 'silent' }),
      store: await openEmbeddedStore({ folder: join(folder, 'data') }),
    },
  );
  expect(hub.problems).toEqual([]);
  return hub;
}

async function countEvents(hub: Hub, admin: string): Promise<number> {
  const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ namespace: 'email', value: 'ada@example.com' });
  const found = await fetch(`${hub.url}/api/profiles/lookup`, { method: 'POST', headers, body });
  const { profileId } = (await found.json()) as { profileId: string };
  const events = await fetch(`${hub.url}/api/profiles/${profileId}/events`, { headers });
  return ((await events.json()) as { items: unknown[] }).items.length;
}
