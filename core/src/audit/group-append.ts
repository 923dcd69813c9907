// Entries of who reads what come one by one and by many at once. They are appended together, and
// each caller goes on only when hers is durable: nothing personal leaves unrecorded.
import type { Store } from '../store/store.ts';
import { appendAudit } from './append.ts';
import type { AuditEntry } from './entry.ts';

export interface AuditRecorder {
  /** Resolves once the entry is durable. */
  record(entry: AuditEntry): Promise<void>;
}

interface Waiting {
  readonly entry: AuditEntry;
  resolve(): void;
  reject(error: unknown): void;
}

/** Entries of one append. */
const largestGroup = 500;

export function createAuditRecorder(store: Store): AuditRecorder {
  const queue: Waiting[] = [];
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    // A turn of the event loop lets requests that arrived together be recorded together.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await appendGroup(store, queue.splice(0, largestGroup));
    running = undefined;
  }

  return {
    record: (entry) =>
      new Promise((resolve, reject) => {
        queue.push({ entry, resolve, reject });
        running ??= run();
      }),
  };
}

async function appendGroup(store: Store, group: readonly Waiting[]): Promise<void> {
  try {
    await store.transaction('gate', (transaction) =>
      appendAudit(
        transaction,
        group.map(({ entry }) => entry),
      ),
    );
    for (const { resolve } of group) resolve();
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
