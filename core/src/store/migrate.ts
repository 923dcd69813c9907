// Brings a database to this code's schema, from plain .sql files run in order and in one
// transaction. Two processes that start at once take turns; a database that a newer hub has
// already changed is refused before anything is written to it.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type { PluginLogger } from '@tributary/sdk';
import type { ClientBase } from 'pg';
import { isConnectionLost, isStoreError, StoreError, storeErrorFrom } from './errors.ts';

export interface MigrateSettings {
  /** Folder of `0001_name.sql`, `0002_name.sql`, … */
  readonly folder: string;
  /** Default: public. Made where it is missing. */
  readonly schema?: string | undefined;
  readonly logger?: PluginLogger | undefined;
  /** Stops after the migration of this name: a backup is restored into the schema it was taken from. */
  readonly upTo?: string | undefined;
}

export const migrationsTable = 'migration';

/** Next to `src` and to `dist` alike. */
export const hubMigrations: string = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Resolves to the names of the migrations that were run, in order; [] where there were none to run. */
export async function migrate(client: ClientBase, settings: MigrateSettings): Promise<string[]> {
  const schema = settings.schema ?? 'public';
  const known = await listMigrations(settings.folder);
  await refuseNewer(client, schema, known);
  const done = await runMigrations(client, schema, settings, countOf(known, settings.upTo));
  // A newer hub may have migrated between the look and the lock.
  await refuseNewer(client, schema, known);
  return done;
}

function countOf(known: readonly string[], upTo: string | undefined): number {
  if (upTo === undefined) return Number.POSITIVE_INFINITY;
  if (known.includes(upTo)) return known.indexOf(upTo) + 1;
  throw new StoreError(
    'STORE_SCHEMA_NEWER',
    `migration ${upTo}: found none of that name, this hub knows up to ${known.at(-1) ?? 'nothing'}. Use the newer hub that wrote it.`,
  );
}

export async function listMigrations(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .toSorted();
}

async function refuseNewer(
  client: ClientBase,
  schema: string,
  known: readonly string[],
): Promise<void> {
  const applied = await appliedMigrations(client, schema);
  if (applied.every((name) => known.includes(name))) return;
  throw new StoreError(
    'STORE_SCHEMA_NEWER',
    `schema ${schema}: the database is at ${applied.at(-1)}, this hub knows up to ${known.at(-1) ?? 'nothing'}. Start the newer hub that wrote it, or restore a backup from before.`,
  );
}

export async function appliedMigrations(client: ClientBase, schema: string): Promise<string[]> {
  const table = `${quoted(schema)}.${quoted(migrationsTable)}`;
  const found = await client.query<{ present: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS present',
    [table],
  );
  if (found.rows[0]?.present !== true) return [];
  const applied = await client.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY id`);
  return applied.rows.map(({ name }) => name);
}

async function runMigrations(
  client: ClientBase,
  schema: string,
  { folder, logger }: MigrateSettings,
  count: number,
): Promise<string[]> {
  try {
    const done = await runner({
      dbClient: client,
      dir: folder,
      ignorePattern: '.*(?<!\\.sql)',
      direction: 'up',
      count,
      schema,
      createSchema: true,
      migrationsTable,
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: quietLogger(logger),
    });
    return done.map(({ name }) => name);
  } catch (error) {
    throw migrationError(schema, error);
  }
}

/** The library tells each step at level info; that is detail here. Its errors are thrown as well. */
function quietLogger(logger: PluginLogger | undefined): Record<LogLevel, (text: string) => void> {
  const tell = (text: string): void => logger?.debug(text);
  return { debug: tell, info: tell, warn: tell, error: tell };
}
type LogLevel = 'debug' | 'info' | 'warn' | 'error';

function migrationError(schema: string, error: unknown): StoreError {
  if (isStoreError(error)) return error;
  if (isConnectionLost(error)) return storeErrorFrom(error, `schema ${schema}`);
  const found = error instanceof Error ? error.message : String(error);
  return new StoreError(
    'STORE_MIGRATION_FAILED',
    `schema ${schema}: ${found}. Nothing was changed; mend the migration or the database and start again.`,
    { cause: error },
  );
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
