// What only the server store has to cope with: connections that go away, others who lock the same
// rows, and background work that must not take every connection.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dropSchema, freshSchema } from '../../../test/support/schemas.ts';
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
