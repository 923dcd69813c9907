// Runs tests on every store there is: the embedded one in memory, and a PostgreSQL server where
// the machine has one, in a schema of its own for each call.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe } from 'vitest';
import { openEmbeddedStore } from '../../core/src/store/embedded.ts';
import type { StoreOptions } from '../../core/src/store/queued-store.ts';
import { openServerStore } from '../../core/src/store/server.ts';
import { dynamicStatement } from '../../core/src/store/store.ts';
import type { Store } from '../../core/src/store/store.ts';
import { dropSchema, freshSchema } from './schemas.ts';
import { hasService, postgresUrl } from './services.ts';

export { dropSchema, freshSchema };

export interface OpenOptions extends StoreOptions {
  /** Default: the hub's own. */
  readonly migrationsFolder?: string;
}

export type OpenStore = (options?: OpenOptions) => Promise<Store>;

const withPostgres = await hasService('postgres');

/**
 * A describe block per store. What `open` opened is closed, and its schema dropped, after the
 * block. An in-memory store takes half a second to open: open one in `beforeAll` and use
 * `emptyStore` between tests and between the runs of a property.
 */
export function eachStore(name: string, tests: (open: OpenStore) => void): void {
  describe(`${name} (embedded store)`, () => {
    tests(closedAfterwards(openInMemory));
  });
  describe.skipIf(!withPostgres)(`${name} (server store)`, () => {
    tests(closedAfterwards(openInSchema));
  });
}

interface Opened {
  readonly store: Store;
  dispose(): Promise<void>;
}

function closedAfterwards(open: (options: OpenOptions) => Promise<Opened>): OpenStore {
  const opened: Opened[] = [];
  afterAll(async () => {
    for (const { store, dispose } of opened.splice(0)) {
      await store.close();
      await dispose();
    }
  });
  return async (options = {}) => {
    const result = await open(options);
    opened.push(result);
    return result.store;
  };
}

async function openInMemory(options: OpenOptions): Promise<Opened> {
  const store = await openEmbeddedStore({
    ...options,
    folder: 'memory:',
    template: templateFile(),
  });
  return { store, dispose: () => Promise.resolve() };
}

async function openInSchema(options: OpenOptions): Promise<Opened> {
  const schema = freshSchema();
  const store = await openServerStore({
    ...options,
    connectionString: postgresUrl,
    schema,
    poolSize: 4,
  });
  return { store, dispose: () => dropSchema(schema) };
}

/** Kept between test runs; a new version of PGlite makes a new one. */
export function templateFile(): string {
  const { version }: { version: string } = createRequire(import.meta.url)(
    '../../node_modules/@electric-sql/pglite/package.json',
  );
  const folder = fileURLToPath(new URL('../../node_modules/.cache/tributary', import.meta.url));
  mkdirSync(folder, { recursive: true });
  return join(folder, `pglite-${version}.tar`);
}

/**
 * A store as it was when it was just migrated. The first call remembers, by store, the rows that
 * migrations put there (log_head and the like), so make it before anything is written.
 */
export async function emptyStore(store: Store): Promise<void> {
  const script = resetScripts.get(store) ?? (await describeReset(store));
  resetScripts.set(store, script);
  await store.transaction('background', async (transaction) => {
    await Promise.all(
      script.map((text) => transaction.query(dynamicStatement('test.empty', text))),
    );
  });
}

/** Opens one store for all runs of `body`, and empties it before each. */
export function withCleanStore(open: OpenStore): () => Promise<Store> {
  let opening: Promise<Store> | undefined;
  return async () => {
    const store = await (opening ??= open());
    await emptyStore(store);
    return store;
  };
}

const resetScripts = new WeakMap<Store, readonly string[]>();

const listTables = dynamicStatement(
  'test.tables',
  `
  SELECT quote_ident(relname) AS name
  FROM pg_class
  WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    AND NOT relispartition AND relname <> 'migration'
  ORDER BY relname
  `,
);

const restartSequences = `
  SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
  FROM pg_sequences
  WHERE schemaname = current_schema() AND sequencename <> 'migration_id_seq'
`;

async function describeReset(store: Store): Promise<readonly string[]> {
  const tables = await store.query<{ name: string }>('background', listTables);
  if (tables.length === 0) return [];
  const seeds = await Promise.all(tables.map(({ name }) => describeSeed(store, name)));
  // Deleting the few rows of a test is ten times faster than truncating forty tables; in one
  // statement, foreign keys are checked once all of it is done.
  const deletions = tables.map(({ name }, index) => `d${index} AS (DELETE FROM ${name})`);
  return [`WITH ${deletions.join(', ')} SELECT 1`, restartSequences, ...seeds.flat()];
}

async function describeSeed(store: Store, table: string): Promise<string[]> {
  const text = `SELECT json_agg(t)::text AS rows FROM ${table} AS t`;
  const [found] = await store.query<{ rows: string | null }>(
    'background',
    dynamicStatement('test.seed', text),
  );
  const json = found?.rows ?? null;
  if (json === null) return [];
  const rows = json.replaceAll("'", "''");
  return [
    `INSERT INTO ${table} OVERRIDING SYSTEM VALUE
     SELECT * FROM json_populate_recordset(NULL::${table}, '${rows}')`,
  ];
}
