// What only the embedded store promises: it survives its process, one process has it at a time,
// and its single connection is handed out by lane.
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { templateFile } from '../../../test/support/stores.ts';
import { createCopyFolder } from './embedded-files.ts';
import { openEmbeddedStore } from './embedded.ts';
import { statement } from './store.ts';
import type { Lane, Store } from './store.ts';

const migrationsFolder = new URL('./fixtures/migrations', import.meta.url).pathname;
const writer = new URL('./fixtures/writer.ts', import.meta.url).pathname;
const insertPair = statement('test.insert', 'INSERT INTO pair (key, value) VALUES ($1, $2)');
const countPairs = statement(
  'test.count',
  'SELECT count(*) AS count, max(value) AS last FROM pair',
);
const pause = statement('test.pause', 'SELECT pg_sleep($1)');
const one = statement('test.one', 'SELECT 1 AS one');

describe('a folder', () => {
  const folders: string[] = [];
  const stores: Store[] = [];
  const children: ChildProcessByStdio<null, Readable, null>[] = [];

  function freshFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'tributary-store-'));
    folders.push(folder);
    return folder;
  }

  async function open(folder: string): Promise<Store> {
    const store = await openEmbeddedStore({ folder, migrationsFolder });
    stores.push(store);
    return store;
  }

  function startWriter(folder: string): ChildProcessByStdio<null, Readable, null> {
    const child = spawn(
      process.execPath,
      ['--conditions=tributary-source', writer, folder, migrationsFolder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    children.push(child);
    return child;
  }

  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  it('keeps no copy of itself that a backup left when the process was killed', async () => {
    const folder = freshFolder();
    await (await open(folder)).close();
    const left = await createCopyFolder(folder);
    // The first as a backup makes it, the other as people do.
    for (const copy of [left, join(folder, 'backup-a1B2c3')]) {
      mkdirSync(join(copy, 'database'), { recursive: true });
      writeFileSync(join(copy, 'database/PG_VERSION'), '18');
    }
    mkdirSync(join(folder, 'backup-weekly'));
    await open(folder);
    expect(readdirSync(folder).filter((name) => name.includes('backup'))).toEqual([
      'backup-a1B2c3',
      'backup-weekly',
    ]);
  });

  it('keeps each acknowledged commit when the process is killed, and is free again', async () => {
    const folder = freshFolder();
    let acknowledged = -1;
    for (let round = 0; round < 2; round += 1) {
      if (round > 0) {
        const store = await open(folder);
        await store.query('intake', statement('test.clear', 'TRUNCATE pair'));
        await store.close();
      }
      const child = startWriter(folder);
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        if (acknowledged === 40) child.kill('SIGKILL');
      }
      const store = await open(folder);
      const [found] = await store.query<{ count: number; last: number }>('gate', countPairs);
      expect(acknowledged).toBeGreaterThanOrEqual(40);
      // The one that was under way when the process died may be there as well.
      expect([acknowledged, acknowledged + 1]).toContain(found?.last);
      expect(found?.count).toBe((found?.last ?? 0) + 1);
      await store.close();
    }
  });

  it('is refused to a second process, and to a second opening in the same one', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    const locked = { code: 'STORE_LOCKED', message: expect.stringContaining(`${process.pid}`) };
    await expect(open(folder)).rejects.toMatchObject(locked);
    await expect(open(join(folder, '.'))).rejects.toMatchObject(locked);
    await store.close();

    const child = startWriter(folder);
    await once(child.stdout, 'data');
    await expect(open(folder)).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: expect.stringContaining(`process ${child.pid} `),
    });
  });

  it('opens again after it was closed', async () => {
    const folder = freshFolder();
    const first = await open(folder);
    await first.query('intake', insertPair, ['a', 1]);
    await first.close();
    await expect(first.query('gate', one)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    const second = await open(folder);
    expect(await second.query('gate', countPairs)).toEqual([{ count: 1, last: 1 }]);
  });

  it('opens where a power cut left the pid of its database empty', async () => {
    const folder = freshFolder();
    await (await open(folder)).close();
    writeFileSync(join(folder, 'database/postmaster.pid'), '');
    const store = await open(folder);
    expect(await store.query('gate', one)).toEqual([{ one: 1 }]);
  });

  it('starts again where its first opening was cut short', async () => {
    const folder = freshFolder();
    const first = await open(folder);
    await first.close();
    writeFileSync(join(folder, 'database-unfinished'), '');
    rmSync(join(folder, 'database', 'global'), { recursive: true });
    const second = await open(folder);
    expect(await second.query('gate', countPairs)).toEqual([{ count: 0, last: null }]);
    expect(readdirSync(folder)).not.toContain('database-unfinished');
  });

  it('is started anew when a statement hangs, with what was committed', async () => {
    const store = await openEmbeddedStore({
      folder: freshFolder(),
      migrationsFolder,
      hungAfterMs: 1_000,
    });
    stores.push(store);
    await store.query('intake', insertPair, ['a', 1]);
    const hang = statement('test.hang', 'SELECT count(*) FROM generate_series(1, 100000000000)');
    const hung = store.transaction('intake', async (transaction) => {
      await transaction.query(insertPair, ['b', 2]);
      await transaction.query(hang);
    });
    await expect(hung).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect
      .poll(() => store.query('gate', countPairs).catch(() => undefined), { timeout: 20_000 })
      .toEqual([{ count: 1, last: 1 }]);
  });

  it('can be freed and opened again where the database could not start', async () => {
    const folder = freshFolder();
    await (await open(folder)).close();
    rmSync(join(folder, 'database', 'global', 'pg_control'));
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(open(folder)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    }
  });
});

describe('the one connection', () => {
  let store: Store;
  beforeAll(async () => {
    store = await openEmbeddedStore({
      folder: 'memory:',
      template: templateFile(),
      migrationsFolder,
      transactionTimeoutMs: 500,
    });
  });
  afterAll(() => store.close());

  it('goes to waiting lanes in their order, first come first served inside each', async () => {
    const order: string[] = [];
    const asked: Lane[] = ['background', 'resolve', 'gate', 'intake', 'background', 'intake'];
    const busy = store.query('background', pause, [0.05]);
    const waiting = asked.map(async (lane, index) => {
      await store.query(lane, one);
      order.push(`${lane} ${index}`);
    });
    await Promise.all([busy, ...waiting]);
    expect(order).toEqual([
      'intake 3',
      'intake 5',
      'gate 2',
      'resolve 1',
      'background 0',
      'background 4',
    ]);
  });

  it('belongs to a transaction until that ends', async () => {
    const order: string[] = [];
    const long = store.transaction('background', async (transaction) => {
      await transaction.query(pause, [0.02]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await transaction.query(one);
      order.push('background');
    });
    const short = store.query('intake', one).then(() => order.push('intake'));
    await Promise.all([long, short]);
    expect(order).toEqual(['background', 'intake']);
  });

  it('is taken from a transaction that does not end', async () => {
    const never = store.transaction('background', async (transaction) => {
      await transaction.query(insertPair, ['never', 1]);
      await new Promise(() => undefined);
    });
    await expect(never).rejects.toMatchObject({ code: 'STORE_TRANSACTION_TIMEOUT' });
    expect(await store.query('gate', countPairs)).toEqual([{ count: 0, last: null }]);
  });

  it('leaves the thread that asks free while it works', async () => {
    const series = statement(
      'test.work',
      'SELECT count(i % 7) AS count FROM generate_series(1, 1000000) AS i',
    );
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 5);
    const started = performance.now();
    await store.query('background', series);
    const elapsed = performance.now() - started;
    clearInterval(timer);
    expect(elapsed).toBeGreaterThan(50);
    expect(ticks).toBeGreaterThan(elapsed / 5 / 4);
  });
});
