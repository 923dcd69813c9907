// One life of the embedded database: its worker thread and the one client that speaks to it. A
// database that stops itself (a full disk while it writes its log, a failed sync) ends this life;
// the driver starts another, which recovers from the log as after a power cut.
import { Worker } from 'node:worker_threads';
import type { PluginLogger } from '@tributary/sdk';
import { Client } from 'pg';
import type { EmbeddedWorkerData, FromWorker, ToWorker } from './embedded-worker.ts';
import { StoreError } from './errors.ts';
import { byIndexes, roughStatistics } from './planner.ts';
import { resultTypes } from './result-types.ts';
import { WorkerStream } from './worker-stream.ts';

export interface EmbeddedSession {
  readonly client: Client;
  /** False once the database has stopped by itself. */
  readonly alive: boolean;
  /** Ends it without a goodbye; what was under way rejects with STORE_UNAVAILABLE. */
  abandon(): Promise<void>;
  /** Shuts the database down and resolves when its thread has ended. */
  stop(): Promise<void>;
}

/** Throws STORE_UNAVAILABLE. */
export async function startSession(
  data: EmbeddedWorkerData,
  logger: PluginLogger | undefined,
): Promise<EmbeddedSession> {
  const worker = await startWorker(data);
  let alive = true;
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      alive = false;
      resolve();
    });
  });
  const tooSoon = ended.then(() => Promise.reject(startError(new Error('it ended'))));
  tooSoon.catch(() => undefined); // once connected, the client's own error tells it
  const client = await Promise.race([connect(worker, logger), tooSoon]);
  return {
    client,
    get alive() {
      return alive;
    },
    async abandon() {
      await worker.terminate();
    },
    async stop() {
      if (alive) await client.end();
      if (alive) askToClose(worker);
      await ended;
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
    worker.once('message', (message: FromWorker) => {
      worker.off('error', fail);
      worker.off('exit', ended);
      if (message.kind === 'failed') fail(new Error(message.reason));
      else resolve(worker);
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
    logger?.error('the embedded database stopped', { reason: error.message }),
  );
  try {
    await client.connect();
    await client.query(
      `SET TIME ZONE 'UTC'; SET datestyle TO 'ISO'; SET bytea_output TO 'hex';
       ${byIndexes}; ${roughStatistics}`,
    );
    return client;
  } catch (error) {
    await worker.terminate();
    throw startError(error instanceof Error ? error : new Error(String(error)));
  }
}

function askToClose(worker: Worker): void {
  worker.on('message', (message: FromWorker) => {
    if (message.kind === 'closed') void worker.terminate();
  });
  const message: ToWorker = { kind: 'close' };
  worker.postMessage(message);
}

function startError(error: Error): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    `embedded database: it did not start (${error.message}), expected it to. Check the folder's permissions and free space, or restore a backup.`,
    { cause: error },
  );
}
