import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { eachStore } from '../../../test/support/stores.ts';
import { openEmbeddedStore } from './embedded.ts';
import { createMaintenance, type MaintenanceOptions } from './maintenance.ts';
import { dynamicStatement } from './store.ts';

const clock = { now: () => 0, sleep: () => Promise.resolve() };

eachStore('maintenance', (open) => {
  it('sees to tables that grew, once, and to none that did not', async () => {
    const store = await open();
    const looks: number[] = [];
    const onRun = (tables: number): void => void looks.push(tables);
    const maintenance = createMaintenance(store, clock, { warn: () => undefined }, { onRun });
    await maintenance.run();
    const fill = `INSERT INTO seen SELECT 'web', gen_random_uuid() FROM generate_series(1, 5000)`;
    await store.query('background', dynamicStatement('test.fill', fill));
    expect(await maintenance.run()).toEqual(['seen']);
    expect(await maintenance.run()).toEqual([]);
    const estimate = `SELECT reltuples::bigint AS rows FROM pg_class WHERE relname = 'seen'
      AND relnamespace = current_schema()::regnamespace`;
    const [row] = await store.query('background', dynamicStatement('test.read', estimate));
    expect(row).toEqual({ rows: 5_000 });
    expect(looks.slice(1)).toEqual([1, 0]);
  });
});

describe('embedded', () => {
  const embedded = async (options: MaintenanceOptions) => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-maintenance-'));
    const store = await openEmbeddedStore({ folder });
    onTestFinished(async () => {
      await store.close();
      await rm(folder, { recursive: true });
    });
    const time = createManualClock(0);
    const maintenance = createMaintenance(store, time, { warn: () => undefined }, options);
    const run = (words: string): Promise<Record<string, number>[]> =>
      store.query('background', dynamicStatement('test.run', words));
    const walSinceCheckpoint = async (): Promise<number> => {
      const [row] = await run(
        'SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::bigint AS bytes FROM pg_control_checkpoint()',
      );
      return row?.['bytes'] ?? NaN;
    };
    const write = (rows: number) =>
      run(`INSERT INTO seen SELECT 'web', gen_random_uuid() FROM generate_series(1, ${rows})`);
    await run('CHECKPOINT');
    return { maintenance, time, run, write, walSinceCheckpoint };
  };

  it('makes a checkpoint once so much is written that a start after a crash would take long', async () => {
    const { maintenance, write, walSinceCheckpoint } = await embedded({ walBytes: 4_000_000 });
    await write(1_000);
    await maintenance.run();
    expect(await walSinceCheckpoint()).toBeGreaterThan(50_000);
    await write(50_000);
    expect(await walSinceCheckpoint()).toBeGreaterThan(4_000_000);
    await maintenance.run();
    expect(await walSinceCheckpoint()).toBeLessThan(4_000_000);
  });

  it('makes one in time, and none where nothing is written', async () => {
    const { maintenance, time, write, walSinceCheckpoint } = await embedded({});
    await write(20_000);
    await time.advance(299_000);
    await maintenance.run();
    const before = await walSinceCheckpoint();
    expect(before).toBeGreaterThan(1_048_576);
    await time.advance(1_000);
    await maintenance.run();
    const after = await walSinceCheckpoint();
    expect(after).toBeLessThan(before);
    await time.advance(600_000);
    await maintenance.run();
    expect(await walSinceCheckpoint()).toBeGreaterThanOrEqual(after);
  });

  it('makes room in a large table for what is updated, and reads none that is only added to', async () => {
    const { maintenance, run, write } = await embedded({ smallPages: 8 });
    await run(`INSERT INTO profile (id, traits, computed, changed)
      SELECT md5(n::text)::uuid, '{}', '{}', 0 FROM generate_series(1, 20000) n`);
    await write(20_000);
    await maintenance.run();
    const sizeOf = async (table: string): Promise<number> =>
      (await run(`SELECT pg_relation_size('${table}') AS bytes`))[0]?.['bytes'] ?? NaN;
    const updateAll = async (): Promise<void> => {
      await run('UPDATE profile SET changed = changed + 1');
      await run('UPDATE profile SET changed = changed + 1');
      // What is dead is told once a second, or now.
      await run('SELECT pg_stat_force_next_flush()');
      await maintenance.run();
    };
    for (let turn = 0; turn < 4; turn += 1) await updateAll();
    const before = await sizeOf('profile');
    for (let turn = 0; turn < 8; turn += 1) await updateAll();
    expect(await sizeOf('profile')).toBeLessThan(1.5 * before);
    await write(30_000);
    expect(await maintenance.run()).toContain('seen');
    const [seen] = await run(`SELECT pg_stat_get_vacuum_count('seen'::regclass) AS vacuums`);
    expect(seen).toEqual({ vacuums: 0 });
  });

  it('freezes what is old in transactions, also in the database’s own tables', async () => {
    const { maintenance, run, write } = await embedded({ freezeAfter: 100 });
    await write(100);
    for (let turn = 0; turn < 150; turn += 1) await write(1);
    const ages = () =>
      run(`SELECT max(age(relfrozenxid))::bigint AS oldest FROM pg_class
        WHERE relkind = 'r' AND relnamespace IN ('pg_catalog'::regnamespace, current_schema()::regnamespace)`);
    expect((await ages())[0]?.['oldest']).toBeGreaterThan(150);
    const frozen = new Set<string>();
    for (let look = 0; look < 300; look += 1) {
      const seen = await maintenance.run();
      if (seen.length === 0) break;
      for (const name of seen) frozen.add(name);
    }
    expect((await ages())[0]?.['oldest']).toBeLessThanOrEqual(100);
    expect([...frozen]).toEqual(expect.arrayContaining(['seen', 'pg_class']));
  });
});
