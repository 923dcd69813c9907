// The store above its driver: lanes, retries of what the database asks to repeat, and the refusal
// of calls that would wait for themselves. A driver only lends connections.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { isStoreError, StoreError, type StoreErrorCode } from './errors.ts';
import { createLaneQueue } from './lane-queue.ts';
import { runStatement } from './run-statement.ts';
import type { StatementObserver, StatementTiming } from './run-statement.ts';
import { runTransaction } from './run-transaction.ts';
import type { TransactionLimits } from './run-transaction.ts';
import type { Lane, Store } from './store.ts';

export interface Driver {
  readonly kind: Store['kind'];
  /** How many connections it lends at once, and how many of them are for intake and gate alone. */
  readonly capacity: number;
  readonly reserved: number;
  /** Rejects with STORE_UNAVAILABLE where there is none to be had. */
  borrow(): Promise<Lease>;
  /** See `TransactionLimits`. */
  readonly rollbackMs?: number | undefined;
  /** Copies the files below it, while nobody else has borrowed. */
  copyTo?(folder: string): Promise<void>;
  close(): Promise<void>;
}

export interface Lease {
  readonly client: ClientBase;
  /** Gives the connection back; with an error, as one that may be broken. */
  release(error?: Error): void;
}

export const defaultTransactionMs = 60_000;

export interface StoreOptions {
  /** Hears of each statement; must not throw. */
  readonly onStatement?: StatementObserver | undefined;
  /** Milliseconds of a clock that never goes back. Default: performance.now. */
  readonly clock?: (() => number) | undefined;
  /** Uniform in [0, 1). Default: Math.random. */
  readonly random?: (() => number) | undefined;
  /** Default: `defaultTransactionMs`. */
  readonly transactionTimeoutMs?: number | undefined;
}

/** @param onBroken the connection is of no use to anybody after this, whatever the job ends with. */
type Job<T> = (client: ClientBase, timing: StatementTiming, onBroken: () => void) => Promise<T>;

/** Serialization failure and deadlock: the database chose a loser, and asks it to try again. */
const repeatable: ReadonlySet<string | undefined> = new Set(['40001', '40P01']);
const mostAttempts = 5;
/** After these nobody knows whether the connection is of use to anybody. */
const leavesBroken: ReadonlySet<StoreErrorCode> = new Set([
  'STORE_UNAVAILABLE',
  'STORE_TRANSACTION_TIMEOUT',
]);

export function createQueuedStore(driver: Driver, options: StoreOptions = {}): Store {
  const clock = options.clock ?? (() => performance.now());
  // oxlint-disable-next-line eslint/no-restricted-properties -- the default of an injected source
  const random = options.random ?? Math.random;
  const limits: Omit<TransactionLimits, 'onBroken'> = {
    timeoutMs: options.transactionTimeoutMs ?? defaultTransactionMs,
    rollbackMs: driver.rollbackMs,
  };
  const { capacity, reserved } = driver;
  const queue = createLaneQueue({ capacity, reserved, clock });
  const openTransaction = new AsyncLocalStorage<{ open: boolean }>();
  let closing: Promise<void> | undefined;

  function timingOf(lane: Lane, waited: number): StatementTiming {
    let waitedStill = waited; // counted once, with the first statement
    return {
      clock,
      observe(name, milliseconds) {
        options.onStatement?.(lane, name, milliseconds, waitedStill);
        waitedStill = 0;
      },
    };
  }

  async function repeat<T>(timing: StatementTiming, job: Job<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await lend(driver, timing, job);
      } catch (error) {
        const again = isStoreError(error) && repeatable.has(error.sqlState);
        if (!again || attempt >= mostAttempts) throw error;
        await sleep(random() * 10 * 2 ** attempt);
      }
    }
  }

  async function enqueue<T>(lane: Lane, where: string, job: Job<T>): Promise<T> {
    if (openTransaction.getStore()?.open === true) throw nestedError(where);
    return queue.run(lane, (waited) => repeat(timingOf(lane, waited), job));
  }

  /** The one connection is held, so nothing is written; a checkpoint leaves little to recover. */
  function copyWith(copy: (folder: string) => Promise<void>): (folder: string) => Promise<void> {
    return (folder) =>
      enqueue('background', 'copy', async (client) => {
        await client.query('CHECKPOINT');
        await copy(folder);
      });
  }

  return {
    kind: driver.kind,
    query: (lane, statement, parameters = []) =>
      enqueue(lane, `statement ${statement.name}`, (client, timing) =>
        runStatement(client, statement, parameters, timing),
      ),
    transaction: (lane, work) =>
      enqueue(lane, 'transaction', async (client, timing, onBroken) => {
        const context = { open: true };
        try {
          return await runTransaction(
            client,
            (transaction) => openTransaction.run(context, () => work(transaction)),
            timing,
            { ...limits, onBroken },
          );
        } finally {
          context.open = false;
        }
      }),
    ...(driver.copyTo === undefined ? {} : { copyTo: copyWith(driver.copyTo) }),
    close: () => (closing ??= queue.close().then(() => driver.close())),
  };
}

async function lend<T>(driver: Driver, timing: StatementTiming, job: Job<T>): Promise<T> {
  const lease = await driver.borrow();
  let isBroken = false;
  let failure: Error | undefined;
  try {
    return await job(lease.client, timing, () => (isBroken = true));
  } catch (error) {
    isBroken ||= isStoreError(error) && leavesBroken.has(error.code);
    failure = error instanceof Error ? error : new Error('a job failed', { cause: error });
    throw error;
  } finally {
    lease.release(isBroken ? failure : undefined);
  }
}

function nestedError(where: string): StoreError {
  return new StoreError(
    'STORE_NESTED',
    `${where}: the store was called inside a transaction, expected only what was passed to the work function. There it would wait for itself: use the transaction's query.`,
  );
}
