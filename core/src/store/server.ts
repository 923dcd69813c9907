// The store on a PostgreSQL server, for hubs that have outgrown the embedded one. Each statement
// is prepared once per connection; a lost connection is an error that callers may repeat.
import { createHash } from 'node:crypto';
import type { PluginLogger } from '@tributary/sdk';
import { Client, Pool } from 'pg';
import type { ClientBase, ClientConfig } from 'pg';
import { StoreError, storeErrorFrom } from './errors.ts';
import { hubMigrations, migrate } from './migrate.ts';
import { byIndexes } from './planner.ts';
import { createQueuedStore, defaultTransactionMs } from './queued-store.ts';
import type { Driver, Lease, StoreOptions } from './queued-store.ts';
import { resultTypes } from './result-types.ts';
import type { Listening, Store } from './store.ts';
import { beAlone, checkGuard, joinUsers, type ConnectionGuard } from './users.ts';

export interface ServerStoreSettings extends StoreOptions {
  /** `postgres://user:password@host:port/database`; never logged. */
  readonly connectionString: string;
  /** Made where it is missing. Default: public. */
  readonly schema?: string | undefined;
  /** Connections at most. Default: 10; at least 2, of which a quarter is kept for intake and gate. */
  readonly poolSize?: number | undefined;
  readonly ssl?: ClientConfig['ssl'];
  /** The server cancels a statement after so many milliseconds. Default: 30,000. */
  readonly statementTimeoutMs?: number | undefined;
  /** Default: 5,000. */
  readonly connectionTimeoutMs?: number | undefined;
  /** Default: the hub's own. */
  readonly migrationsFolder?: string | undefined;
  readonly logger?: PluginLogger | undefined;
  /** Refused with STORE_LOCKED where anybody else uses the store; nobody else gets in until it is closed. */
  readonly alone?: boolean | undefined;
}

const defaults = { schema: 'public', poolSize: 10, statementMs: 30_000, connectionMs: 5_000 };

/** Throws STORE_UNAVAILABLE, STORE_SETTINGS_INVALID, STORE_SCHEMA_NEWER, STORE_MIGRATION_FAILED. */
export async function openServerStore(settings: ServerStoreSettings): Promise<Store> {
  const poolSize = settings.poolSize ?? defaults.poolSize;
  if (!Number.isInteger(poolSize) || poolSize < 2) throw poolSizeError(poolSize);
  await migrateServer(settings);
  const guards: ConnectionGuard[] = [];
  const driver = createDriver(createPool(settings, poolSize, guards), poolSize);
  const channel = channelOf(settings.schema ?? defaults.schema);
  return {
    ...createQueuedStore(driver, settings),
    channel,
    guardConnections: (statement, parameters, refusal) => {
      guards.push({ statement, parameters, refusal });
    },
    listen: (hear) => listen(settings, channel, hear),
  };
}

/** A name of a channel has 63 bytes at most, and so has that of a schema. */
function channelOf(schema: string): string {
  return `tributary_${createHash('sha256').update(schema).digest('hex').slice(0, 32)}`;
}

async function listen(
  settings: ServerStoreSettings,
  channel: string,
  hear: (payload: string) => void,
): Promise<Listening> {
  const client = await connectServer(settings);
  let isOpen = true;
  client.once('end', () => (isOpen = false));
  client.on('notification', ({ payload = '' }) => hear(payload));
  await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
  return {
    get isOpen() {
      return isOpen;
    },
    async check() {
      await client.query('SELECT 1');
    },
    close: () => client.end(),
  };
}

/** A connection outside the pool. */
export async function connectServer(settings: ServerStoreSettings): Promise<Client> {
  const client = new Client(clientConfig(settings));
  client.on('error', () => undefined); // the statement that is under way rejects as well
  try {
    await client.connect();
    await prepareSession(client, settings);
    return client;
  } catch (error) {
    throw storeErrorFrom(error, 'connect to PostgreSQL');
  }
}

/** On a connection of its own, since a migration may take longer than any statement should. */
async function migrateServer(settings: ServerStoreSettings): Promise<void> {
  const client = await connectServer({ ...settings, statementTimeoutMs: 0 });
  try {
    await migrate(client, {
      folder: settings.migrationsFolder ?? hubMigrations,
      schema: settings.schema,
      logger: settings.logger,
    });
  } finally {
    await client.end();
  }
}

function createPool(
  settings: ServerStoreSettings,
  poolSize: number,
  guards: readonly ConnectionGuard[],
): Pool {
  const { alone = false, schema = defaults.schema } = settings;
  const pool = new Pool({
    ...clientConfig(settings),
    max: alone ? 1 : poolSize,
    pipeline: true,
    idleTimeoutMillis: alone ? 0 : 60_000,
    async onConnect(client) {
      await prepareSession(client, settings);
      await (alone ? beAlone(client, schema) : joinUsers(client, schema));
      for (const guard of guards) await checkGuard(client, guard);
    },
  });
  pool.on('error', (error) =>
    settings.logger?.warn('an idle database connection was lost', { reason: error.message }),
  );
  return pool;
}

function clientConfig(settings: ServerStoreSettings): ClientConfig {
  return {
    connectionString: settings.connectionString,
    ...(settings.ssl === undefined ? {} : { ssl: settings.ssl }),
    connectionTimeoutMillis: settings.connectionTimeoutMs ?? defaults.connectionMs,
    application_name: 'tributary',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...answerBound(settings),
    types: resultTypes,
  };
}

/** Longer than the server lets a statement run, or the hub a transaction whose statements wait for each other. */
const graceMs = 2_000;

/** A timer that is set to more goes off at once. */
const longestTimerMs = 2_147_483_647;

/** A server that vanished answers nothing, and without a bound of ours the system would wait for hours. */
function answerBound({
  statementTimeoutMs,
  transactionTimeoutMs,
}: ServerStoreSettings): ClientConfig {
  const statementMs = statementTimeoutMs ?? defaults.statementMs;
  if (statementMs === 0) return {};
  const longest = Math.max(statementMs, transactionTimeoutMs ?? defaultTransactionMs);
  return { query_timeout: Math.min(longest + graceMs, longestTimerMs) };
}

/** A transaction that is idle longer than this was forgotten: no hub is behind it any more. */
const idleTransactionMs = 120_000;

async function prepareSession(client: ClientBase, settings: ServerStoreSettings): Promise<void> {
  const schema = client.escapeIdentifier(settings.schema ?? defaults.schema);
  const statementMs = Math.trunc(settings.statementTimeoutMs ?? defaults.statementMs);
  await client.query(
    `SET search_path TO ${schema}; SET TIME ZONE 'UTC'; SET datestyle TO 'ISO';
     SET bytea_output TO 'hex'; SET jit TO off; SET statement_timeout TO ${statementMs};
     SET idle_in_transaction_session_timeout TO ${idleTransactionMs}; ${byIndexes}`,
  );
}

function createDriver(pool: Pool, poolSize: number): Driver {
  return {
    kind: 'server',
    capacity: poolSize,
    reserved: Math.max(1, Math.floor(poolSize / 4)),
    borrow: () => borrow(pool),
    rollbackMs: graceMs,
    close: () => pool.end(),
  };
}

async function borrow(pool: Pool): Promise<Lease> {
  try {
    const client = await pool.connect();
    const lost = (): void => undefined; // the statement that is under way rejects as well
    client.on('error', lost);
    return {
      client,
      release(error) {
        client.off('error', lost);
        client.release(error);
      },
    };
  } catch (error) {
    throw storeErrorFrom(error, 'connect to PostgreSQL');
  }
}

function poolSizeError(poolSize: number): StoreError {
  return new StoreError(
    'STORE_SETTINGS_INVALID',
    `store.poolSize: found ${poolSize}, expected a whole number of 2 or more. Mend the setting.`,
  );
}
