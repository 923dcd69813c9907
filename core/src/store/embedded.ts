// The embedded store: PostgreSQL in WebAssembly on a thread of its own, one connection, its files
// in one folder. The default, with nothing to install or to run beside the hub.
import { mkdirSync, realpathSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginLogger } from '@tributary/sdk';
import { prepareEmbeddedFiles } from './embedded-files.ts';
import { startSession } from './embedded-session.ts';
import type { EmbeddedSession } from './embedded-session.ts';
import type { EmbeddedWorkerData } from './embedded-worker.ts';
import { StoreError } from './errors.ts';
import { lockFolder } from './folder-lock.ts';
import { hubMigrations, migrate } from './migrate.ts';
import { createQueuedStore } from './queued-store.ts';
import type { Driver, StoreOptions } from './queued-store.ts';
import type { Store } from './store.ts';

export interface EmbeddedStoreSettings extends StoreOptions {
  /** Made where it is missing; `memory:` for a database that ends with the process. */
  readonly folder: string;
  /**
   * With `memory:`, a file that keeps a fresh database between openings, made where it is missing.
   * It belongs to one version of PGlite: have the version in its name.
   */
  readonly template?: string | undefined;
  /** Default: the hub's own. */
  readonly migrationsFolder?: string | undefined;
  readonly logger?: PluginLogger | undefined;
  /** A statement that takes longer than this has hung: the database is started anew. Default: 600,000. */
  readonly hungAfterMs?: number | undefined;
}

/** Throws STORE_LOCKED, STORE_SCHEMA_NEWER, STORE_MIGRATION_FAILED, STORE_UNAVAILABLE. */
export async function openEmbeddedStore(settings: EmbeddedStoreSettings): Promise<Store> {
  const place =
    settings.folder === 'memory:'
      ? inMemory(settings.template)
      : onDisk(settings.folder, settings.logger);
  try {
    return createQueuedStore(await openDriver(place, settings), settings);
  } catch (error) {
    place.release();
    throw error;
  }
}

interface Place {
  readonly data: EmbeddedWorkerData;
  completeOpening(): void;
  release(): void;
}

function inMemory(template: string | undefined): Place {
  return {
    data: template === undefined ? {} : { template },
    completeOpening() {},
    release() {},
  };
}

function onDisk(given: string, logger: PluginLogger | undefined): Place {
  mkdirSync(given, { recursive: true, mode: 0o700 });
  const folder = realpathSync(given);
  const lock = lockFolder(folder);
  const files = prepareEmbeddedFiles(folder, logger);
  return {
    data: { folder: files.database },
    completeOpening: files.completeOpening,
    release: lock.release,
  };
}

async function openDriver(place: Place, settings: EmbeddedStoreSettings): Promise<Driver> {
  const session = await startSession(place.data, settings.logger);
  try {
    await migrate(session.client, {
      folder: settings.migrationsFolder ?? hubMigrations,
      logger: settings.logger,
    });
    place.completeOpening();
    return createDriver(place, session, settings);
  } catch (error) {
    await session.abandon();
    throw error;
  }
}

function createDriver(
  place: Place,
  first: EmbeddedSession,
  { logger, hungAfterMs = 600_000 }: EmbeddedStoreSettings,
): Driver {
  let session = first;

  /** Only one job runs at a time, so only one can find the database stopped. */
  async function living(): Promise<EmbeddedSession> {
    if (session.alive) return session;
    if (place.data.folder === undefined) throw lostError();
    session = await startSession(place.data, logger);
    logger?.warn('the embedded database was started again');
    return session;
  }

  return {
    kind: 'embedded',
    capacity: 1,
    reserved: 0,
    async borrow() {
      const lent = await living();
      const timer = setTimeout(() => void lent.abandon(), hungAfterMs);
      return { client: lent.client, release: () => clearTimeout(timer) };
    },
    ...(place.data.folder === undefined ? {} : { copyTo: copyFrom(place.data.folder) }),
    async close() {
      await session.stop();
      place.release();
    },
  };
}

/** Only the database's own folder: locks and keys stay where they are. */
function copyFrom(database: string): (folder: string) => Promise<void> {
  return async (folder) => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await cp(database, join(folder, 'database'), { recursive: true, errorOnExist: true });
  };
}

function lostError(): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    'embedded database: the one in memory has stopped and its data is gone, expected it to run. Start the hub again.',
  );
}
