// One connection to a store, for what goes over all of it at once: backup and restore. There is no
// queue and no time limit here, so nothing else may run on it meanwhile.
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientBase } from 'pg';
import { prepareEmbeddedFiles } from './embedded-files.ts';
import { startSession } from './embedded-session.ts';
import { StoreError } from './errors.ts';
import { lockFolder } from './folder-lock.ts';
import { appliedMigrations, hubMigrations, migrate } from './migrate.ts';
import type { StoreSettings } from './open.ts';
import { connectServer } from './server.ts';

export interface StoreConnection {
  readonly client: ClientBase;
  /** Of the store's tables. */
  readonly schema: string;
  /** In the order in which they were run. */
  readonly migrations: readonly string[];
  close(): Promise<void>;
}

/** Opens a store as it is: nothing is migrated. Throws STORE_LOCKED, STORE_UNAVAILABLE, STORE_ABSENT. */
export async function connectToStore(settings: StoreSettings): Promise<StoreConnection> {
  const opened = await connect(settings, { create: false });
  const migrations = await appliedMigrations(opened.client, opened.schema);
  if (migrations.length > 0) return { ...opened, migrations };
  await opened.close();
  throw absentError(settings);
}

/**
 * Makes an empty store with the schema that migration `upTo` left, and lets `fill` put something into
 * it. Where that fails, nothing of it stays. Throws STORE_PRESENT where there is a store already.
 */
export async function createStore<Result>(
  settings: StoreSettings,
  upTo: string,
  fill: (connection: Omit<StoreConnection, 'close'>) => Promise<Result>,
): Promise<Result> {
  const { client, schema, keep, close } = await connect(settings, { create: true });
  try {
    const present = await appliedMigrations(client, schema);
    if (present.length > 0) throw presentError();
    const before = await listRelations(client, schema);
    try {
      const migrations = await migrate(client, { folder: hubMigrations, schema, upTo });
      const result = await fill({ client, schema, migrations });
      keep();
      return result;
    } catch (error) {
      await dropNew(client, schema, before);
      throw error;
    }
  } finally {
    await close();
  }
}

interface Opened {
  readonly client: ClientBase;
  readonly schema: string;
  /** From now on what was made stays. */
  keep(): void;
  close(): Promise<void>;
}

const selectRelations = `SELECT relname AS name, relkind = 'v' AS view FROM pg_class
  WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'v')`;

interface Relation {
  readonly name: string;
  readonly view: boolean;
}

async function listRelations(client: ClientBase, schema: string): Promise<Relation[]> {
  const { rows } = await client.query<Relation>(selectRelations, [client.escapeIdentifier(schema)]);
  return rows;
}

/** A schema may hold others' tables: only what was not there before goes. */
async function dropNew(
  client: ClientBase,
  schema: string,
  before: readonly Relation[],
): Promise<void> {
  const names = new Set(before.map(({ name }) => name));
  const made = (await listRelations(client, schema)).filter(({ name }) => !names.has(name));
  const drops = made.map(({ name, view }) => {
    const relation = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;
    return `DROP ${view ? 'VIEW' : 'TABLE'} IF EXISTS ${relation} CASCADE`;
  });
  await client.query(['SET client_min_messages TO warning', ...drops].join('; '));
}

function connect(settings: StoreSettings, how: { readonly create: boolean }): Promise<Opened> {
  return 'folder' in settings
    ? connectToFolder(settings.folder, how.create)
    : connectToServer(settings);
}

async function connectToFolder(given: string, create: boolean): Promise<Opened> {
  const whole =
    existsSync(join(given, 'database')) && !existsSync(join(given, 'database-unfinished'));
  if (whole === create) throw create ? presentError() : absentError({ folder: given });
  mkdirSync(given, { recursive: true, mode: 0o700 });
  const folder = realpathSync(given);
  const lock = lockFolder(folder);
  try {
    const files = prepareEmbeddedFiles(folder);
    const session = await startSession({ folder: files.database }, undefined);
    return {
      client: session.client,
      schema: 'public',
      keep: files.completeOpening,
      async close() {
        await session.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function connectToServer(
  settings: Exclude<StoreSettings, { folder: string }>,
): Promise<Opened> {
  const { url, ...others } = settings;
  const client = await connectServer({ ...others, connectionString: url, statementTimeoutMs: 0 });
  return {
    client,
    schema: settings.schema ?? 'public',
    keep() {},
    close: () => client.end(),
  };
}

function absentError(settings: StoreSettings): StoreError {
  const where = 'folder' in settings ? settings.folder : `schema ${settings.schema ?? 'public'}`;
  return new StoreError(
    'STORE_ABSENT',
    `${where}: found no store, expected one that a hub has opened. Check \`hub.store\` of the config.`,
  );
}

function presentError(): StoreError {
  return new StoreError(
    'STORE_PRESENT',
    'found a store already, expected none: nothing is ever written over. Name another folder or schema in `hub.store`, or move the old one aside.',
  );
}
