// The embedded database has nobody who looks after it: neither autovacuum nor a checkpointer runs beside it. Without
// statistics the planner takes every table for empty and plans scans; without vacuum what was updated stays, and after
// 2³¹ transactions what was written before them would vanish; without checkpoints the write-ahead log grows for as
// long as the hub runs, and all of it is gone through after a crash.
import type { Clock, PluginLogger } from '@tributary/sdk';
import { dynamicStatement, statement, type Store } from './store.ts';

export interface Maintenance {
  start(): void;
  stop(): Promise<void>;
  /** One look at all tables. @returns the tables that were seen to. */
  run(): Promise<readonly string[]>;
}

export interface MaintenanceOptions {
  readonly everyMs?: number;
  /** Write-ahead log after which a checkpoint is made. Default 1,073,741,824, as PostgreSQL has it. */
  readonly walBytes?: number;
  /** A checkpoint is made after so long, too, where anything was written. Default 300,000. */
  readonly checkpointEveryMs?: number;
  /** Transactions after which a table's rows are frozen. Default 200,000,000, of some 2,000,000,000 there may be. */
  readonly freezeAfter?: number;
  /** Pages of a table that is vacuumed whenever it has grown, of 8 KiB. Default 4,096: that takes some 50 ms. */
  readonly smallPages?: number;
  /** After each look: how many tables were seen to, in how many milliseconds. */
  onRun?(this: void, tables: number, milliseconds: number): void;
}

interface TableRow {
  name: string;
  pages: number;
  known_pages: number;
  /** Of what was updated or deleted since somebody last vacuumed, by those there are; about. */
  dead: number;
  /** Transactions since its oldest row that is not frozen. */
  age: number;
  /** Of the database itself: those are only frozen. */
  is_system: boolean;
}

/** Pages on disk, and pages when somebody last looked (kept by ANALYZE and VACUUM). */
const selectTables = statement(
  'store.select_tables',
  `SELECT c.oid::regclass::text AS name,
     pg_relation_size(c.oid) / current_setting('block_size')::int AS pages,
     c.relpages::bigint AS known_pages,
     pg_stat_get_dead_tuples(c.oid) / greatest(c.reltuples, 1) AS dead, age(c.relfrozenxid)::bigint AS age,
     c.relnamespace <> current_schema()::regnamespace AS is_system
   FROM pg_class c
   WHERE c.relnamespace IN (current_schema()::regnamespace, 'pg_catalog'::regnamespace) AND c.relkind = 'r'`,
);

/** Write-ahead log that a start after a crash would go through. */
const selectWal = statement(
  'store.select_wal',
  `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), redo_lsn)::bigint AS bytes FROM pg_control_checkpoint()`,
);

/** A table that grew by so much since it was last looked at is looked at again. */
const growth = 1.5;
/** Smaller tables are read whole whatever the planner thinks. */
const smallestPages = 4;
/**
 * VACUUM reads all that changed and holds up everybody meanwhile, for seconds where a table is large: it is vacuumed once
 * as much of it is dead as lives, so that it grows to about twice its size. One that is only added to never is.
 */
const deadShare = 1;
/** What a checkpoint itself and a quiet hub write is no reason for the next one. */
const littleWal = 1_048_576;

export function createMaintenance(
  store: Store,
  clock: Clock,
  log: Pick<PluginLogger, 'warn'>,
  {
    everyMs = 5_000,
    walBytes = 1_073_741_824,
    checkpointEveryMs = 300_000,
    freezeAfter = 200_000_000,
    smallPages = 4_096,
    onRun = () => undefined,
  }: MaintenanceOptions = {},
): Maintenance {
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  let checkpointAt = clock.now();

  async function run(): Promise<readonly string[]> {
    const started = performance.now();
    await checkpoint();
    const tables = await store.query<TableRow>('background', selectTables);
    const seenTo = tables.filter((table) => hasGrown(table) || isHalfDead(table));
    for (const table of seenTo) {
      const isVacuumed = table.pages <= smallPages || isHalfDead(table);
      await maintain(isVacuumed ? 'VACUUM (ANALYZE)' : 'ANALYZE', table.name);
      if (ending.signal.aborted) break;
    }
    const aged = ending.signal.aborted ? undefined : oldestOf(tables, freezeAfter);
    if (aged !== undefined) await maintain('VACUUM (FREEZE)', aged);
    onRun(seenTo.length, performance.now() - started);
    return [...seenTo.map(({ name }) => name), ...(aged === undefined ? [] : [aged])];
  }

  async function maintain(words: string, name: string): Promise<void> {
    await store.query('background', dynamicStatement('store.maintain', `${words} ${name}`));
  }

  async function checkpoint(): Promise<void> {
    const [{ bytes } = { bytes: 0 }] = await store.query<{ bytes: number }>(
      'background',
      selectWal,
    );
    const isTime = clock.now() - checkpointAt >= checkpointEveryMs && bytes > littleWal;
    if (bytes < walBytes && !isTime) return;
    await store.query('background', dynamicStatement('store.checkpoint', 'CHECKPOINT'));
    checkpointAt = clock.now();
  }

  async function repeat(): Promise<void> {
    while (!ending.signal.aborted) {
      await run().catch((error: unknown) => {
        log.warn(error instanceof Error ? error.message : 'maintenance of the store failed');
      });
      await clock.sleep(everyMs, ending.signal).catch(() => undefined);
    }
  }

  return {
    run,
    start() {
      running ??= repeat();
    },
    async stop() {
      ending.abort();
      await running;
    },
  };
}

/** One at a look: everybody waits while a large one is read. */
function oldestOf(tables: readonly TableRow[], freezeAfter: number): string | undefined {
  const [oldest] = tables.toSorted((one, other) => other.age - one.age);
  return oldest !== undefined && oldest.age > freezeAfter ? oldest.name : undefined;
}

function isHalfDead({ pages, dead, is_system }: TableRow): boolean {
  return !is_system && pages >= smallestPages && dead >= deadShare;
}

function hasGrown({ pages, known_pages, is_system }: TableRow): boolean {
  return !is_system && pages >= smallestPages && pages > Math.max(known_pages, 1) * growth;
}
