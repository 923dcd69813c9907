// Keeps pace with the log: resolves batch after batch while there is one, sleeps until intake wakes it,
// and lets time pass for audiences. A record that cannot be resolved is found by halving its batch and
// put aside; the log goes on.
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
  onBatch?(report: BatchReport): void;
  onPutAside?(number: number, error: unknown): void;
}

export interface Resolver {
  /** Resolves what is in the log now, or until the signal aborts. @returns the number of batches. */
  drain(signal?: AbortSignal): Promise<number>;
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

  async function step(): Promise<BatchReport | undefined> {
    const attempted: { first?: number; size: number } = { size: 0 };
    const started = performance.now();
    const limit = size.current();
    try {
      const report = await options.store.transaction('resolve', async (transaction) => {
        const batch = await readBatch(transaction, { ...options.room, limit, skip });
        if (!batch) return undefined;
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
      skip.set(attempted.first, putAsideMessage(attempted.first, error));
      options.onPutAside?.(attempted.first, error);
      return step();
    }
  }

  return {
    async drain(signal) {
      let batches = 0;
      while (signal?.aborted !== true) {
        const report = await step();
        if (!report) break;
        batches += 1;
        options.onBatch?.(report);
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

function forget(skip: Map<number, string>, upTo: number): void {
  for (const number of skip.keys()) if (number <= upTo) skip.delete(number);
}

function putAsideMessage(number: number, error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error;
  return `RESOLVE_FAILED: event ${number}: ${name} while it was resolved. Its payload is in the log; update the hub and replay it.`;
}
