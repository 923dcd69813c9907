// Backup and restore as an admin runs them: files, permissions, refusals and exit codes.
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bindKeyToStore, loadDeploymentKey } from '../standardise/deployment-key.ts';
import { openStore } from '../store/open.ts';
import { dynamicStatement } from '../store/store.ts';
import { main } from './main.ts';

let folder = '';

async function run(...argv: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const code = await main(argv, { out: say, err: say, env: {}, now: () => Date.UTC(2026, 0, 1) });
  return { code, said: said.join('\n') };
}

async function writeConfig(name: string): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, `tributary: 1\nhub: { store: ./${name} }\n`);
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-cli-backup-'));
  const store = await openStore({ folder: join(folder, 'old') });
  await bindKeyToStore(store, await loadDeploymentKey(undefined, join(folder, 'old')));
  await store.query(
    'background',
    dynamicStatement('test.fill', `INSERT INTO setting VALUES ('kept', '1')`),
  );
  await store.close();
}, 120_000);
afterAll(async () => rm(folder, { recursive: true, force: true }));

test('a store goes into a file and out of it again', { timeout: 240_000 }, async () => {
  const [old, fresh] = [await writeConfig('old'), await writeConfig('new')];
  const file = join(folder, 'backup.gz');

  expect(await run('backup', '--config', old, '--to', file)).toMatchObject({ code: 0 });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readdir(folder)).filter((name) => name.includes('.part'))).toEqual([]);
  const dead = join(folder, '.tributary-2025-12-30T00-00-00Z.gz.part');
  const growing = join(folder, '.tributary-2025-12-31T23-00-00Z.gz.part');
  for (const [part, time] of [
    [dead, Date.UTC(2025, 11, 30)],
    [growing, Date.UTC(2025, 11, 31, 23)],
  ] as const) {
    await writeFile(part, 'half');
    await utimes(part, time / 1_000, time / 1_000);
  }
  expect(await run('backup', '--config', old, '--to', join(folder, 'another.gz'))).toMatchObject({
    code: 0,
  });
  expect((await readdir(folder)).filter((name) => name.includes('.part'))).toEqual([
    basename(growing),
  ]);
  const again = await run('backup', '--config', old, '--to', file);
  expect(again).toMatchObject({ code: 1 });
  expect(again.said).toContain('BACKUP_PRESENT');

  const checked = await run('backup', 'check', file);
  expect(checked.said).toMatch(/^Whole: \d+ rows, taken 2026-01-01T00:00:00.000Z, \d{4}_/);

  const withoutKey = await run('restore', '--config', fresh, '--from', file);
  expect(withoutKey.said).toContain('DEPLOYMENT_KEY_MISSING');
  await mkdir(join(folder, 'new'), { recursive: true });
  await copyFile(join(folder, 'old/deployment.key'), join(folder, 'new/deployment.key'));
  const restored = await run('restore', '--config', fresh, '--from', file);
  expect(restored).toMatchObject({ code: 0 });
  expect(restored.said).toContain('Destinations are paused at the next start');

  const store = await openStore({ folder: join(folder, 'new') });
  const kept = await store.query(
    'background',
    dynamicStatement('test.kept', `SELECT value FROM setting WHERE name = 'kept'`),
  );
  expect(kept).toEqual([{ value: 1 }]);
  // Its hub holds an embedded store; the store's own words say so.
  const held = await run('backup', '--config', fresh, '--to', join(folder, 'held.gz'));
  expect(held).toMatchObject({ code: 4 });
  expect(held.said).toContain('STORE_LOCKED');
  await store.close();

  const over = await run('restore', '--config', fresh, '--from', file);
  expect(over.said).toContain('STORE_PRESENT');
  const absent = await run('restore', '--config', fresh, '--from', join(folder, 'absent.gz'));
  expect(absent).toMatchObject({ code: 1 });
  expect(absent.said).toContain('BACKUP_UNREADABLE');
});
