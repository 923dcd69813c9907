import { expect, it } from 'vitest';
import { eachStore } from '../../../test/support/stores.ts';
import { createMaintenance } from './maintenance.ts';
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
