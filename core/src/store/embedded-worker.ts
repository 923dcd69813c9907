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

/** From the worker to the store. The worker's end, where nobody asked for it, is the database's. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'closed' };

export interface EmbeddedWorkerData {
  /** Absent for a database in memory. */
  readonly folder?: string;
  /** For a database in memory: where a fresh one is kept, to be copied instead of made anew. */
  readonly template?: string;
}

const port = parentPort;
/** What PostgreSQL has answered so far to the request in hand. */
const chunks: Uint8Array[] = [];

let lastWords = '';
let ready = false;

async function main(): Promise<void> {
  const database = await openDatabase().catch((error: unknown) => {
    throw new Error(lastWords || String(error));
  });
  port?.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'bytes':
        return answer(database, message.bytes);
      case 'close':
        void database.close().then(() => post({ kind: 'closed' }));
    }
  });
  ready = true;
  post({ kind: 'ready' });
}

function post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

/** PostgreSQL's last words are passed on, then nothing that was in memory may go on. */
function stop(): void {
  if (ready) reply();
  else post({ kind: 'failed', reason: lastWords });
  process.exit(1);
}

function openDatabase(): Promise<PGlite> {
  const folder = given('folder');
  if (folder === undefined) return openInMemory(given('template'));
  return PGlite.create({
    fs: new DurableFiles(folder, stop),
    startParams: [...PGlite.defaultStartParams, ...durableParameters],
    onStderr: hear,
  });
}

/** Why PostgreSQL could not start it says here and nowhere else. */
function hear(line: string): boolean {
  if (/^(\S+ \S+ \S+ )?(\[\d+\] )?(FATAL|PANIC):/.test(line)) lastWords = line;
  return false;
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

function answer(database: PGlite, request: Uint8Array): void {
  // Runs to its end before it returns; the promise only tells of a sync that these files lack.
  void database.execProtocolRawStream(request, {
    syncToFs: false,
    onRawData: (bytes) => chunks.push(bytes.slice()),
  });
  reply();
}

/** The answer is sent whole: a port message costs more than copying what PostgreSQL flushes. */
function reply(): void {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks.splice(0)) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  post({ kind: 'bytes', bytes }, [bytes.buffer]);
}

await main();
