// One transaction on one connection. Statements are sent as they come, without waiting for the
// answers of those before; the first that fails decides that nothing is committed.
import type { ClientBase } from 'pg';
import { isStoreError, StoreError, storeErrorFrom } from './errors.ts';
import { runStatement } from './run-statement.ts';
import type { StatementTiming } from './run-statement.ts';
import type { Statement, Transaction } from './store.ts';

export interface TransactionLimits {
  /** A transaction holds a connection that others wait for: after so many milliseconds it is rolled back. */
  readonly timeoutMs: number;
  /** A server that does not even roll back within so many milliseconds is given up. Default: waited for. */
  readonly rollbackMs?: number | undefined;
  /** The connection did not even roll back: nobody may use it any more. */
  onBroken(): void;
}

export async function runTransaction<T>(
  client: ClientBase,
  work: (transaction: Transaction) => Promise<T>,
  timing: StatementTiming,
  limits: TransactionLimits,
): Promise<T> {
  const scope = createScope(client, timing);
  try {
    const all = work(scope.transaction).then(async (result) => {
      await scope.settle();
      return result;
    });
    const result = await withinTime(all, limits.timeoutMs);
    await commit(client);
    return result;
  } catch (error) {
    scope.end();
    // Before the rollback: what is given up while it is waited for is a consequence.
    const cause = scope.causeOf(error);
    const isRolledBack = await rollBack(client, limits.rollbackMs);
    if (!isRolledBack) limits.onBroken();
    throw cause;
  }
}

interface Scope {
  readonly transaction: Transaction;
  /** Resolves when all that was sent is answered; rejects with the first failure. */
  settle(): Promise<void>;
  end(): void;
  /** The first statement that failed: those after it only tell that it did. */
  causeOf(error: unknown): unknown;
}

function createScope(client: ClientBase, timing: StatementTiming): Scope {
  const pending = new Set<Promise<unknown>>();
  let ended = false;
  let failure: StoreError | undefined;

  function track<T>(promise: Promise<T>): Promise<T> {
    const settled = promise
      .catch((error: unknown) => {
        failure ??= storeErrorFrom(error, 'transaction');
      })
      .finally(() => pending.delete(settled));
    pending.add(settled);
    return promise;
  }

  // Not awaited: it travels with the first statement. Its failure fails the transaction.
  void track(client.query('BEGIN').catch(failWith('begin')));

  return {
    transaction: {
      query: <Row extends object>(statement: Statement, parameters: readonly unknown[] = []) => {
        if (ended) return Promise.reject<Row[]>(endedError(statement));
        if (failure !== undefined) return Promise.reject<Row[]>(failure);
        const running = track(runStatement<Row>(client, statement, parameters, timing));
        if (statement.answers !== false) return running;
        running.catch(() => undefined); // it fails the transaction
        return Promise.resolve<Row[]>([]);
      },
    },
    async settle() {
      while (pending.size > 0) await Promise.all(pending);
      ended = true;
      if (failure !== undefined) throw failure;
    },
    end() {
      ended = true;
    },
    causeOf: (error) => (isStoreError(error) ? (failure ?? error) : error),
  };
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timeoutError(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function commit(client: ClientBase): Promise<void> {
  const result = await client.query('COMMIT').catch(failWith('commit'));
  if (result.command === 'COMMIT') return;
  throw new StoreError(
    'STORE_STATEMENT_FAILED',
    'commit: the database rolled the transaction back, expected it to commit. Look for the statement that failed before.',
  );
}

/** False: the connection is broken. */
async function rollBack(client: ClientBase, timeoutMs: number | undefined): Promise<boolean> {
  const bound = timeoutMs === undefined ? {} : { query_timeout: timeoutMs };
  return client.query({ text: 'ROLLBACK', ...bound }).then(
    () => true,
    () => false,
  );
}

function failWith(where: string): (error: unknown) => never {
  return (error) => {
    throw storeErrorFrom(error, where);
  };
}

function endedError(statement: Statement): StoreError {
  return new StoreError(
    'STORE_TRANSACTION_ENDED',
    `statement ${statement.name}: its transaction has ended, expected it before the work function resolves. Await it inside the work function.`,
  );
}

function timeoutError(timeoutMs: number): StoreError {
  return new StoreError(
    'STORE_TRANSACTION_TIMEOUT',
    `transaction: not over after ${timeoutMs} ms, expected less. Do nothing but statements inside it, and fewer of them.`,
  );
}
