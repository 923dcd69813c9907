// The embedded store: PostgreSQL in WebAssembly on a thread of its own, one connection, its files
// in one folder. The default, with nothing to install or to run beside the hub.
import { mkdirSync, realpathSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { PluginLogger } from '@tributary/sdk';
import { Client } from 'pg';
import { prepareEmbeddedFiles } from './embedded-files.ts';
import type { EmbeddedWorkerData, FromWorker, ToWorker } from './embedded-worker.ts';
import { StoreError } from './errors.ts';
import { lockFolder } from './folder-lock.ts';
import { hubMigrations, migrate } from './migrate.ts';
import { createQueuedStore } from './queued-store.ts';
import type { Driver, StoreOptions } from './queued-store.ts';
import { resultTypes } from './result-types.ts';
import type { Store } from './store.ts';
import { WorkerStream } from './worker-stream.ts';

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
}

/** Throws STORE_LOCKED, STORE_SCHEMA_NEWER, STORE_MIGRATION_FAILED, STORE_UNAVAILABLE. */
export async function openEmbeddedStore(settings: EmbeddedStoreSettings): Promise<Store> {
  const place =
    settings.folder === 'memory:' ? inMemory(settings.template) : onDisk(settings.folder);
  try {
    const driver = await startDriver(place, settings);
    return createQueuedStore(driver, settings);
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

function onDisk(given: string): Place {
  mkdirSync(given, { recursive: true, mode: 0o700 });
  const folder = realpathSync(given);
  const lock = lockFolder(folder);
  const files = prepareEmbeddedFiles(folder);
  return {
    data: { folder: files.database },
    completeOpening: files.completeOpening,
    release: lock.release,
  };
}

async function startDriver(place: Place, settings: EmbeddedStoreSettings): Promise<Driver> {
  const worker = await startWorker(place.data);
  try {
    const client = await connect(worker, settings.logger);
    await migrate(client, {
      folder: settings.migrationsFolder ?? hubMigrations,
      logger: settings.logger,
    });
    await client.query(`SET search_path TO public`);
    place.completeOpening();
    return createDriver(worker, client, place);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

function createDriver(worker: Worker, client: Client, place: Place): Driver {
  return {
    kind: 'embedded',
    capacity: 1,
    reserved: 0,
    borrow: () => Promise.resolve({ client, release() {} }),
    async close() {
      await client.end();
      await stopWorker(worker);
      place.release();
    },
  };
}

/** The extension is that of this file: .ts in the workspace, .js where it was built. */
function startWorker(data: EmbeddedWorkerData): Promise<Worker> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./embedded-worker.${extension}`, import.meta.url), {
    workerData: data,
    name: 'embedded store',
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(startError(error));
    const ended = (): void => fail(new Error('it ended'));
    worker.once('error', fail);
    worker.once('exit', ended);
    worker.once('message', () => {
      worker.off('error', fail);
      worker.off('exit', ended);
      resolve(worker);
    });
  });
}

async function connect(worker: Worker, logger: PluginLogger | undefined): Promise<Client> {
  const client = new Client({
    user: 'postgres',
    database: 'postgres',
    ssl: false, // else PGSSLMODE of the environment would count
    pipeline: true,
    types: resultTypes,
    stream: () => new WorkerStream(worker),
  });
  client.on('error', (error) =>
    logger?.error('the embedded database stopped; restart the hub', { reason: error.message }),
  );
  await client.connect();
  await client.query("SET TIME ZONE 'UTC'; SET datestyle TO 'ISO'; SET bytea_output TO 'hex'");
  return client;
}

function stopWorker(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'closed') void worker.terminate();
    });
    if (worker.threadId === -1) return resolve(); // it has ended already
    const message: ToWorker = { kind: 'close' };
    worker.postMessage(message);
  });
}

function startError(error: Error): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    `embedded database: it did not start (${error.message}), expected it to. Check the folder's permissions and free space, or restore a backup.`,
    { cause: error },
  );
}
