// The deployment key replaced as an admin does it: from a file, from config, with a crash at each of the
// places where one matters, and with a backup afterwards.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDeploymentKeys } from '../standardise/deployment-key.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { openStore } from '../store/open.ts';
import { dynamicStatement } from '../store/store.ts';
import { main } from './main.ts';

const slow = { timeout: 240_000 };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-cli-rekey-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const code = await main(argv, { out: say, err: say, env: {}, now: () => Date.UTC(2026, 0, 1) });
  return { code, said: said.join('\n') };
}

async function writeConfig(name: string, keys: object = {}): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, JSON.stringify({ tributary: 1, hub: { store: `./${name}`, ...keys } }));
  return file;
}

const fill = dynamicStatement(
  'test.fill',
  `INSERT INTO seen SELECT 'web', gen_random_uuid() FROM generate_series(1, $1::int)`,
);
const insertSeen = dynamicStatement('test.insert', `INSERT INTO seen VALUES ('web', $1::uuid)`);
const selectSeen = dynamicStatement(
  'test.select_seen',
  `SELECT count(*) FILTER (WHERE hash = $1::uuid) AS found, count(*) AS rows FROM seen`,
);

async function withKeys<Result>(
  name: string,
  work: (store: Awaited<ReturnType<typeof openStore>>, keys: DeploymentKeys) => Promise<Result>,
  key?: string,
): Promise<Result> {
  const store = await openStore({ folder: join(folder, name) });
  try {
    return await work(store, await openDeploymentKeys(store, key, join(folder, name)));
  } finally {
    await store.close();
  }
}

/** One message that is looked for afterwards, among others. */
async function fillStore(name: string, others: number, key?: string): Promise<void> {
  const put = async (store: Awaited<ReturnType<typeof openStore>>, keys: DeploymentKeys) => {
    await store.query('background', insertSeen, [keys.seenHash(keys.messageHash('web', 'm1'))]);
    await store.query('background', fill, [others]);
  };
  await withKeys(name, put, key);
}

function findMessage(name: string, key?: string): Promise<object[]> {
  const find = (store: Awaited<ReturnType<typeof openStore>>, keys: DeploymentKeys) =>
    store.query('background', selectSeen, [keys.seenHash(keys.messageHash('web', 'm1'))]);
  return withKeys(name, find, key);
}

const keyIn = (name: string, file = 'deployment.key'): Promise<string> =>
  readFile(join(folder, name, file), 'utf8');

test('a key beside the store is replaced, and the one of before is kept', slow, async () => {
  await fillStore('file', 5_000);
  const config = await writeConfig('file');
  const before = await keyIn('file');

  const held = await openStore({ folder: join(folder, 'file') });
  expect(await run('rekey', '--config', config)).toMatchObject({ code: 4 });
  await held.close();
  expect(await keyIn('file')).toBe(before);

  const { code, said } = await run('rekey', '--config', config, '--json');
  expect(code).toBe(0);
  const done = JSON.parse(said.split('\n').at(-1) ?? '') as { keyOfBefore: string };
  expect(done).toMatchObject({ changed: true, hashes: 5_001, earlierKeys: 1 });
  expect(await readFile(done.keyOfBefore, 'utf8')).toBe(before);
  expect((await stat(done.keyOfBefore)).mode & 0o777).toBe(0o600);
  const after = await keyIn('file');
  expect(after).not.toBe(before);
  expect(said).not.toContain(after.trim());
  expect(await findMessage('file')).toEqual([{ found: 1, rows: 5_001 }]);

  // The power went after the commit and before the file took its place.
  await rename(join(folder, 'file/deployment.key'), join(folder, 'file/deployment.key.next'));
  await rename(done.keyOfBefore, join(folder, 'file/deployment.key'));
  expect(await findMessage('file')).toEqual([{ found: 1, rows: 5_001 }]);
  expect([await keyIn('file'), await readFile(done.keyOfBefore, 'utf8')]).toEqual([after, before]);

  // A backup of now needs the key of now alone.
  const backup = join(folder, 'file.gz');
  expect(await run('backup', '--config', config, '--to', backup)).toMatchObject({ code: 0 });
  const restored = await writeConfig('restored', { key: after.trim() });
  expect(await run('restore', '--config', restored, '--from', backup)).toMatchObject({ code: 0 });
  expect(await findMessage('restored', after)).toEqual([{ found: 1, rows: 5_001 }]);
  const verified = await run('audit', 'verify', '--config', restored);
  expect(verified.said).toContain('The audit log is intact: 1 entries');
  expect(await run('rebuild', '--config', restored)).toMatchObject({ code: 0 });
});

test('a key from config is replaced by the one beside it', slow, async () => {
  const [first, second, stranger] = [1, 2, 3].map((byte) =>
    Buffer.alloc(32, byte).toString('base64'),
  );
  await mkdir(join(folder, 'config'), { recursive: true });
  await fillStore('config', 10, first);
  const wrong = await writeConfig('config', { key: second, earlierKey: stranger });
  const refused = await run('rekey', '--config', wrong);
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.said).toContain('DEPLOYMENT_KEY_WRONG: hub.earlierKey');
  expect(refused.said).not.toContain(stranger);
  expect(await findMessage('config', first)).toEqual([{ found: 1, rows: 11 }]);

  const config = await writeConfig('config', { key: second, earlierKey: first });
  const done = await run('rekey', '--config', config);
  expect(done).toMatchObject({ code: 0 });
  expect(done.said).toContain('The store is under the new key: 11 hashes were made anew.');
  expect(await findMessage('config', second)).toEqual([{ found: 1, rows: 11 }]);
  await expect(findMessage('config', first)).rejects.toThrow('DEPLOYMENT_KEY_WRONG');
  const again = await run('rekey', '--config', config);
  expect(again.said).toContain('under that key already');
});

test('a command that is killed leaves the store as it was', slow, async () => {
  await fillStore('killed', 60_000);
  const config = await writeConfig('killed');
  const before = await keyIn('killed');
  expect(await killAtWork(config)).toBe('SIGKILL');
  expect(await keyIn('killed')).toBe(before);
  expect(await findMessage('killed')).toEqual([{ found: 1, rows: 60_001 }]);

  expect(await run('rekey', '--config', config)).toMatchObject({ code: 0 });
  expect(await findMessage('killed')).toEqual([{ found: 1, rows: 60_001 }]);
  expect(await keyIn('killed')).not.toBe(before);
});

/** Ends a rekey by SIGKILL when it says that a tenth of the hashes is done. @returns by what it ended. */
async function killAtWork(config: string): Promise<NodeJS.Signals | null> {
  const bin = fileURLToPath(new URL('../../bin/tributary.js', import.meta.url));
  const args = ['--conditions=tributary-source', bin, 'rekey', '--config', config];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'pipe'] });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (/\d+ of 60001/.test(text)) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (_code, signal) => resolve(signal));
  });
}
