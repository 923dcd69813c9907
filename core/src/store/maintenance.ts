// The embedded database has nobody who looks after it: no autovacuum runs beside it. Without statistics
// the planner takes every table for empty and plans scans; without vacuum what was updated stays.
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
  /** After each look: how many tables were seen to, in how many milliseconds. */
  onRun?(this: void, tables: number, milliseconds: number): void;
}

interface TableRow {
  name: string;
  pages: number;
  known_pages: number;
}

/** Pages on disk, and pages when somebody last looked (kept by ANALYZE and VACUUM). */
const selectTables = statement(
  'store.select_tables',
  `SELECT quote_ident(c.relname) AS name,
     pg_relation_size(c.oid) / current_setting('block_size')::int AS pages,
     c.relpages::bigint AS known_pages
   FROM pg_class c
   WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'`,
);

/** A table that grew by so much since it was last looked at is looked at again. */
const growth = 1.5;
/** Smaller tables are read whole whatever the planner thinks. */
const smallestPages = 4;
/** VACUUM reads a table whole and holds up everybody: 32 MiB take some 50 ms. Larger tables only get statistics. */
const largestVacuumPages = 4_096;

export function createMaintenance(
  store: Store,
  clock: Clock,
  log: Pick<PluginLogger, 'warn'>,
  { everyMs = 5_000, onRun = () => undefined }: MaintenanceOptions = {},
): Maintenance {
  const ending = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<readonly string[]> {
    const started = performance.now();
    const tables = await store.query<TableRow>('background', selectTables);
    const grown = tables.filter(hasGrown);
    for (const { name, pages } of grown) {
      const words = pages <= largestVacuumPages ? 'VACUUM (ANALYZE)' : 'ANALYZE';
      await store.query('background', dynamicStatement('store.maintain', `${words} ${name}`));
      if (ending.signal.aborted) break;
    }
    onRun(grown.length, performance.now() - started);
    return grown.map(({ name }) => name);
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

function hasGrown({ pages, known_pages }: TableRow): boolean {
  return pages >= smallestPages && pages > Math.max(known_pages, 1) * growth;
}
