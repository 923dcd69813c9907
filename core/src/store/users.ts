// Who uses a server store. Each connection of a pool holds a lock with all others for as long as it lasts;
// who must be alone takes that lock for itself, and while it does nobody else gets in.
import type { ClientBase } from 'pg';
import { StoreError } from './errors.ts';
import type { Statement } from './store.ts';

/** Advisory locks of the hub's are known by it. */
const lockClass = 726_573;

export async function joinUsers(client: ClientBase, schema: string): Promise<void> {
  if (await tryLock(client, 'pg_try_advisory_lock_shared', schema)) return;
  throw new StoreError(
    'STORE_UNAVAILABLE',
    `schema ${schema}: found a command at work that must be alone, e.g. \`tributary rekey\`, expected none. Start again once it is done.`,
  );
}

export async function beAlone(client: ClientBase, schema: string): Promise<void> {
  if (await tryLock(client, 'pg_try_advisory_lock', schema)) return;
  throw new StoreError(
    'STORE_LOCKED',
    `schema ${schema}: found others that use it, expected none. Stop all its hubs, wait for commands that run, and try again.`,
  );
}

/** What a store must still be like for a connection to be made to it. */
export interface ConnectionGuard {
  /** Answers with a row where it is. */
  readonly statement: Statement;
  readonly parameters: readonly string[];
  readonly refusal: string;
}

export async function checkGuard(
  client: ClientBase,
  { statement, parameters, refusal }: ConnectionGuard,
): Promise<void> {
  const found = await client.query(statement.text, [...parameters]);
  if (found.rows.length === 0) throw new StoreError('STORE_UNAVAILABLE', refusal);
}

async function tryLock(
  client: ClientBase,
  how: 'pg_try_advisory_lock' | 'pg_try_advisory_lock_shared',
  schema: string,
): Promise<boolean> {
  const found = await client.query<{ taken: boolean }>(
    `SELECT ${how}(${lockClass}, hashtext($1)) AS taken`,
    [schema],
  );
  return found.rows[0]?.taken === true;
}
