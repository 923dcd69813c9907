// Plugins that do their worst in a hub that runs as a process: whatever they do is named, and everything
// else runs on, at the latest after the next start.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHubProcess, type HubProcess } from '../support/hub-process.ts';
import { hasService, postgresUrl } from '../support/services.ts';
import { dropSchema } from '../support/stores.ts';
import { waitUntil } from '../support/wait-until.ts';
import { workspaceRoot } from '../tools/workspace.ts';

const config = (store: string, added = ''): string => `
tributary: 1
hub:
  store: ${store}
  key: ${Buffer.alloc(32, 7).toString('base64')}
  plugins: { hangAfter: 2s }
purposes: { email_marketing: News by e-mail }
audiences:
  everybody: { rule: { trait: here, is: true } }
sources:
  good:
    plugin: '@tributary/source-http'
    settings: { writeKeys: [{ key: a-write-key, kind: server }] }
  timer: { plugin: ./bad-source.ts }
  emitter: { plugin: ./bad-source.ts }
  rejection: { plugin: ./bad-source.ts }
  loop: { plugin: ./bad-source.ts }
${added}destinations:
  wild:
    plugin: ./bad-destination.ts
    purposes: [email_marketing]
    audiences: [{ audience: everybody, list: all }]
`;

async function startHub(store: string): Promise<HubProcess> {
  const hub = await createHubProcess({ config: config(store), writeKey: 'a-write-key' });
  for (const file of ['bad-source.ts', 'bad-destination.ts', 'endless-source.ts']) {
    const from = join(workspaceRoot, 'test/support/bad-plugins', file);
    await copyFile(from, join(hub.folder, 'config', file));
  }
  await hub.start();
  return hub;
}

/** Undefined: the hub went away. */
async function ask(hub: HubProcess, source: string, misdeed = ''): Promise<number | undefined> {
  const url = `${hub.url}/sources/${source}`;
  return fetch(url, { method: 'POST', body: misdeed }).then(
    ({ status }) => status,
    () => undefined,
  );
}

const isRunning = async (hub: HubProcess): Promise<void> =>
  hub.send([{ type: 'track', userId: '1', event: 'Still Here' }]);

/** What the hub says before it ends. */
async function hangs(hub: HubProcess, source: string, misdeed: string): Promise<string> {
  const before = hub.output().length;
  expect(await ask(hub, source, misdeed)).toBeUndefined();
  await hub.ended();
  return hub.output().slice(before);
}

const named = /PLUGIN_HUNG: \w+: .* in file:\/\/\S*bad-source\.ts:\d+, expected/;

async function runsWithout(hub: HubProcess, source: string): Promise<void> {
  await hub.start();
  await waitUntil(() => hub.output().includes(`PLUGIN_QUARANTINED: ${source}: `), {
    what: 'the log to tell what is left out',
  });
  expect(await ask(hub, source)).toBe(503);
  await isRunning(hub);
}

describe('on the embedded store', () => {
  let hub: HubProcess;
  beforeAll(async () => {
    hub = await startHub('./data');
  }, 150_000);
  afterAll(async () => hub.dispose());

  test.each([
    ['timer', 'throws in a timer', 'thrown in a timer'],
    ['emitter', 'throws in an emitter', 'thrown in an emitter'],
    ['rejection', 'leaves a rejection alone', 'left alone'],
  ])('a source whose code fails in a %s is stopped and named', async (source, misdeed, words) => {
    await ask(hub, source, misdeed);
    await waitUntil(async () => (await ask(hub, source)) === 503, { what: `${source} to stop` });
    // Its log travels by another way than its answers.
    const lineOf = (): string | undefined =>
      hub
        .output()
        .split('\n')
        .find((each) => each.includes(words));
    await waitUntil(() => lineOf() !== undefined, { what: 'the log to tell of it' });
    const line = lineOf();
    expect(line).toContain('PLUGIN_CRASHED');
    expect(line).toContain(`"instance":"${source}"`);
    expect(await ask(hub, 'loop')).toBe(204);
    await isRunning(hub);
  });

  test('a destination whose code fails beyond its call is paused', async () => {
    await hub.send([
      { type: 'identify', userId: '1', traits: { email: 'ada@example.com', here: true } },
      {
        type: 'consent',
        userId: '1',
        consents: [{ purpose: 'email_marketing', status: 'granted' }],
      },
    ]);
    await waitUntil(async () => (await hub.destination('wild')).state === 'paused', {
      what: 'the destination to pause',
    });
    expect((await hub.destination('wild')).message).toContain('PLUGIN_CRASHED');
    await isRunning(hub);
  });

  test('a source that came while the hub ran and loops is named with its line, and left out at the next start', async () => {
    await hub.configure(config('./data', '  newcomer: { plugin: ./bad-source.ts }\n'));
    await hub.call('POST', '/apply', {});
    expect(await ask(hub, 'newcomer')).toBe(204);
    expect(await hangs(hub, 'newcomer', 'loops in its call')).toMatch(named);
    await runsWithout(hub, 'newcomer');
  }, 200_000);

  test('one that loops while config is read is named, and not said to be left out', async () => {
    const before = hub.output().length;
    await hub.configure(config('./data', '  endless: { plugin: ./endless-source.ts }\n'));
    process.kill(hub.pid, 'SIGHUP');
    await hub.ended();
    const said = hub.output().slice(before);
    expect(said).toMatch(/PLUGIN_HUNG: \.\/endless-source\.ts: .* while config was read/);
    expect(said).toMatch(/endless-source\.ts:\d+, expected/);
    expect(said).toContain('out of the config');
    expect(said).not.toContain('leaves');
    await hub.configure(config('./data'));
    await hub.start();
    await isRunning(hub);
  }, 200_000);
});

const hasPostgres = await hasService('postgres');

describe.skipIf(!hasPostgres)('on a server', () => {
  const schema = `bad_plugins_${process.pid}`;
  let hub: HubProcess;
  beforeAll(async () => {
    hub = await startHub(JSON.stringify({ url: postgresUrl, schema }));
  }, 150_000);
  afterAll(async () => {
    await hub.dispose();
    await dropSchema(schema);
  });

  test('a source whose code loops long after its call returned is left out as well', async () => {
    expect(await hangs(hub, 'loop', 'loops later')).toMatch(named);
    await runsWithout(hub, 'loop');
  }, 200_000);
});
