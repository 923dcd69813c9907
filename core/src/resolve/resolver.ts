// Keeps pace with the log: resolves batch after batch while there is one, sleeps until intake wakes it,
// and lets time pass for audiences. A record that cannot be resolved is found by halving its batch and
// put aside; the log goes on.
import { isOutOfTime, isStoreError } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import { createBatchSize, type BatchBounds } from './batch-size.ts';
import { selectLag } from './plans.ts';
import { readBatch } from './read-batch.ts';
import type { BatchReport } from './report.ts';
import { resolveBatch } from './resolve-batch.ts';
import type { ResolveRoom } from './room.ts';

export interface ResolverOptions {
  readonly store: Store;
  readonly room: ResolveRoom;
  /** Events in one batch; default: as many as are resolved in good time. */
  readonly batchEvents?: number;
  /** True for errors that say nothing about the records: the store is away, the hub is stopping. */
  isPassing(error: unknown): boolean;
  /** Before a batch is resolved: by the clock of another process it is this late. */
  onReceived?(at: number): void;
  onBatch?(report: BatchReport): void;
  onPutAside?(number: number, error: unknown): void;
}

export interface Resolver {
  /**
   * Resolves what is in the log now, or until the signal aborts; `between` is called after each batch.
   * @returns the number of batches.
   */
  drain(signal?: AbortSignal, between?: () => Promise<void>): Promise<number>;
  lag(): Promise<{ readonly events: number; readonly oldestReceivedAt: number | undefined }>;
}

const bounds: Readonly<Record<Store['kind'], BatchBounds>> = {
  embedded: { start: 1_000, most: 2_000, aimMs: 200 },
  server: { start: 1_000, most: 5_000, aimMs: 400 },
};

export function createResolver(options: ResolverOptions): Resolver {
  const given = options.batchEvents;
  const fixed = given === undefined ? {} : { start: given, most: given };
  const size = createBatchSize({ ...bounds[options.store.kind], ...fixed });
  const skip = new Map<number, string>();
  const patience = createPatience();

  async function step(): Promise<BatchReport | undefined> {
    const attempted: { first?: number; size: number } = { size: 0 };
    const started = performance.now();
    const limit = size.current();
    try {
      const report = await options.store.transaction('resolve', async (transaction) => {
        const batch = await readBatch(transaction, { ...options.room, limit, skip });
        if (!batch) return undefined;
        options.onReceived?.(batch.receivedAt);
        attempted.size = batch.records.length;
        attempted.first = batch.records[0]?.number ?? batch.upTo;
        return resolveBatch(transaction, batch, options.room);
      });
      if (!report) return undefined;
      forget(skip, report.upTo);
      const milliseconds = performance.now() - started;
      size.took(attempted.size, milliseconds);
      return { ...report, milliseconds };
    } catch (error) {
      if (options.isPassing(error) || attempted.first === undefined) throw error;
      if (attempted.size > 1) {
        size.failed(attempted.size);
        return step();
      }
      if (isOutOfTime(error) && !patience.isOver(attempted.first)) throw error;
      skip.set(attempted.first, putAsideMessage(attempted.first, error));
      options.onPutAside?.(attempted.first, error);
      return step();
    }
  }

  return {
    async drain(signal, between) {
      let batches = 0;
      while (signal?.aborted !== true) {
        const report = await step();
        if (!report) break;
        batches += 1;
        options.onBatch?.(report);
        await between?.();
      }
      return batches;
    },
    async lag() {
      const [row] = await options.store.query<{ events: number; oldest: number | null }>(
        'gate',
        selectLag,
      );
      return { events: row?.events ?? 0, oldestReceivedAt: row?.oldest ?? undefined };
    },
  };
}

/** What took too long may have waited for something else: the record is to blame only after several times. */
function createPatience(): { isOver(number: number): boolean } {
  let tried = { number: 0, times: 0 };
  return {
    isOver(number) {
      tried = { number, times: tried.number === number ? tried.times + 1 : 1 };
      return tried.times >= mostOutOfTime;
    },
  };
}

const mostOutOfTime = 5;

function forget(skip: Map<number, string>, upTo: number): void {
  for (const number of skip.keys()) if (number <= upTo) skip.delete(number);
}

function putAsideMessage(number: number, error: unknown): string {
  const name = isStoreError(error)
    ? error.code
    : error instanceof Error
      ? error.name
      : typeof error;
  return `RESOLVE_FAILED: event ${number}: ${name} while it was resolved. Its payload is in the log; update the hub and replay it.`;
}
