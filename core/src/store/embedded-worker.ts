// The thread that PGlite computes on. It speaks PostgreSQL's wire protocol over the message port,
// bytes in and bytes out, so that the other side is the same driver that speaks to a server.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { PGliteOptions } from '@electric-sql/pglite';
import { DurableFiles, durableParameters } from './durable-files.ts';

/** From the store to the worker. */
export type ToWorker =
  { readonly kind: 'bytes'; readonly bytes: Uint8Array } | { readonly kind: 'close' };

/** From the worker to the store. A failure of the worker arrives as its `error` event. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'closed' };

export interface EmbeddedWorkerData {
  /** Absent for a database in memory. */
  readonly folder?: string;
  /** For a database in memory: where a fresh one is kept, to be copied instead of made anew. */
  readonly template?: string;
}

async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('the embedded store runs as a worker thread');
  const database = await openDatabase();
  const post = (message: FromWorker): void => port.postMessage(message);

  port.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'bytes':
        return answer(database, message.bytes, (bytes) =>
          port.postMessage({ kind: 'bytes', bytes } satisfies FromWorker, [bytes.buffer]),
        );
      case 'close':
        void database.close().then(() => {
          post({ kind: 'closed' });
          port.close();
        });
    }
  });
  post({ kind: 'ready' });
}

function openDatabase(): Promise<PGlite> {
  const folder = given('folder');
  if (folder === undefined) return openInMemory(given('template'));
  return PGlite.create({
    fs: new DurableFiles(folder),
    startParams: [...PGlite.defaultStartParams, ...durableParameters],
  });
}

/** Making a database takes two seconds, copying one a third of a second. */
async function openInMemory(template: string | undefined): Promise<PGlite> {
  const options: PGliteOptions = { dataDir: 'memory://' };
  if (template === undefined) return PGlite.create(options);
  if (existsSync(template)) {
    return PGlite.create({ ...options, loadDataDir: new Blob([readFileSync(template)]) });
  }
  const database = await PGlite.create(options);
  await keepTemplate(database, template);
  return database;
}

/** Renamed into place, since others may be reading or making it at the same time. */
async function keepTemplate(database: PGlite, template: string): Promise<void> {
  const dump = await database.dumpDataDir('none');
  const unfinished = `${template}.${process.pid}.${threadId}`;
  writeFileSync(unfinished, Buffer.from(await dump.arrayBuffer()));
  renameSync(unfinished, template);
}

function given(key: keyof EmbeddedWorkerData): string | undefined {
  const data: unknown = workerData;
  const value: unknown =
    typeof data === 'object' && data !== null ? Reflect.get(data, key) : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** The answer is collected whole: a port message costs more than copying what PostgreSQL flushes. */
function answer(
  database: PGlite,
  request: Uint8Array,
  reply: (bytes: Uint8Array<ArrayBuffer>) => void,
): void {
  const chunks: Uint8Array[] = [];
  // Runs to its end before it returns; the promise only tells of a sync that these files lack.
  void database.execProtocolRawStream(request, {
    syncToFs: false,
    onRawData: (bytes) => chunks.push(bytes.slice()),
  });
  reply(joined(chunks));
}

function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

await main();
