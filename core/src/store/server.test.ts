// What only the server store has to cope with: connections that go away, others who lock the same
// rows, and background work that must not take every connection.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dropSchema, freshSchema } from '../../../test/support/schemas.ts';
import { startSilentProxy, type SilentProxy } from '../../../test/support/silent-proxy.ts';
import { hasService, postgresUrl } from '../../../test/support/services.ts';
import { openStore } from './open.ts';
import { openServerStore } from './server.ts';
import { statement } from './store.ts';
import type { Store } from './store.ts';

const migrationsFolder = new URL('./fixtures/migrations', import.meta.url).pathname;
const insertPair = statement('test.insert', 'INSERT INTO pair (key, value) VALUES ($1, $2)');
const addOne = statement('test.add', 'UPDATE pair SET value = value + 1 WHERE key = $1');
const selectPairs = statement('test.select', 'SELECT key, value FROM pair ORDER BY key');
const pause = statement('test.pause', 'SELECT pg_sleep($1)');
const one = statement('test.one', 'SELECT 1 AS one');
const ownProcess = statement('test.process', 'SELECT pg_backend_pid() AS pid');
const endProcess = statement('test.end', 'SELECT pg_terminate_backend($1)');

describe.skipIf(!(await hasService('postgres')))('the server store', () => {
  const schema = freshSchema();
  const open = (poolSize: number): Promise<Store> =>
    openServerStore({ connectionString: postgresUrl, schema, migrationsFolder, poolSize });
  let store: Store;
  /** Stands for somebody else: inside a transaction the own store may not be called. */
  let other: Store;
  beforeAll(async () => {
    store = await open(4);
    other = await open(2);
  });
  afterAll(async () => {
    await store.close();
    await other.close();
    await dropSchema(schema);
  });

  it('keeps connections for intake and gate while background work takes all it may', async () => {
    const order: string[] = [];
    const busy = Array.from({ length: 8 }, () =>
      store.query('background', pause, [0.1]).then(() => order.push('background')),
    );
    const intake = store.query('intake', one).then(() => order.push('intake'));
    const gate = store.query('gate', one).then(() => order.push('gate'));
    await Promise.all([...busy, intake, gate]);
    expect(order.slice(0, 2).toSorted()).toEqual(['gate', 'intake']);
  });

  it('repeats the transaction that lost a deadlock', async () => {
    await store.query('intake', insertPair, ['a', 0]);
    await store.query('intake', insertPair, ['b', 0]);
    let attempts = 0;
    const addTo = (keys: readonly [string, string]): Promise<void> =>
      store.transaction('intake', async (transaction) => {
        attempts += 1;
        await transaction.query(addOne, [keys[0]]);
        await transaction.query(pause, [0.05]);
        await transaction.query(addOne, [keys[1]]);
      });
    await Promise.all([addTo(['a', 'b']), addTo(['b', 'a'])]);
    expect(attempts).toBeGreaterThan(2);
    expect(await store.query('gate', selectPairs)).toEqual([
      { key: 'a', value: 2 },
      { key: 'b', value: 2 },
    ]);
  });

  it('says so when a connection is lost, and goes on with another', async () => {
    const lost = store.transaction('resolve', async (transaction) => {
      const [found] = await transaction.query<{ pid: number }>(ownProcess);
      await other.query('gate', endProcess, [found?.pid]);
      await transaction.query(one);
    });
    await expect(lost).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await store.query('resolve', one)).toEqual([{ one: 1 }]);
  });
});

describe.skipIf(!(await hasService('postgres')))('a server that vanishes', () => {
  const schema = freshSchema();
  const [begin, makeReadOnly] = [
    statement('test.begin', 'SELECT 1'),
    statement('test.read_only', 'SET TRANSACTION READ ONLY'),
  ];
  let proxy: SilentProxy;
  let store: Store;
  beforeEach(async () => {
    const { hostname, port } = new URL(postgresUrl);
    proxy = await startSilentProxy({ host: hostname, port: Number(port || 5432) });
    const through = new URL(postgresUrl);
    through.host = `127.0.0.1:${proxy.port}`;
    store = await openServerStore({
      connectionString: through.href,
      schema,
      migrationsFolder,
      poolSize: 2,
      statementTimeoutMs: 500,
      transactionTimeoutMs: 1_000,
    });
  });
  afterEach(async () => {
    await proxy.close();
    await store.close();
  });
  afterAll(() => dropSchema(schema));

  it('ends a statement that is not answered, and goes on with another connection', async () => {
    await store.query('intake', one);
    proxy.silence();
    await expect(store.query('intake', one)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await store.query('intake', one)).toEqual([{ one: 1 }]);
  });

  it('ends a transaction that is not answered, and goes on with another connection', async () => {
    await expect(
      store.transaction('intake', async (transaction) => {
        await transaction.query(begin);
        proxy.silence();
        await transaction.query(one);
      }),
    ).rejects.toMatchObject({ code: 'STORE_TRANSACTION_TIMEOUT' });
    expect(await store.query('intake', one)).toEqual([{ one: 1 }]);
  });

  it('says that a transaction took too long, whatever is given up with it', async () => {
    await store.query('intake', one);
    proxy.silence();
    // Sent before its time begins to run, so the statement is given up before the rollback is.
    const late = store.transaction('intake', (transaction) => transaction.query(one));
    await expect(late).rejects.toMatchObject({ code: 'STORE_TRANSACTION_TIMEOUT' });
    expect(await store.query('intake', one)).toEqual([{ one: 1 }]);
  });

  it('leaves a connection that does not even roll back, whatever its transaction failed of', async () => {
    await store.query('intake', one);
    const failing = store.transaction('intake', async (transaction) => {
      await transaction.query(one);
      proxy.silence();
      throw new Error('not of the store');
    });
    await expect(failing).rejects.toThrow('not of the store');
    expect(await store.query('intake', one)).toEqual([{ one: 1 }]);
  });

  it('leaves one that only reads, for it is no longer the one that writes', async () => {
    const pidOf = async (): Promise<unknown> => (await store.query('intake', ownProcess))[0];
    const before = await pidOf();
    await expect(
      store.transaction('intake', async (transaction) => {
        await transaction.query(makeReadOnly);
        await transaction.query(insertPair, ['a', 0]);
      }),
    ).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await pidOf()).not.toEqual(before);
  });
});

describe('a server that is not there', () => {
  it('is STORE_UNAVAILABLE, without the password', async () => {
    const port = await freePort();
    const url = `postgres://hub:hunter2@127.0.0.1:${port}/hub`;
    const failure = await openStore({ url, migrationsFolder }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(String(failure)).not.toContain('hunter2');
  });

  it.each(['mysql://hub:hunter2@host/hub', 'hunter2'])('%s is refused as a URL', async (url) => {
    const failure = await openStore({ url }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_SETTINGS_INVALID' });
    expect(String(failure)).not.toContain('hunter2');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return (address satisfies AddressInfo).port;
}
