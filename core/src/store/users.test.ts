// A command that must be alone on a server store is refused while anybody uses it, keeps others out while it
// works, and connections that a hub makes afterwards are refused where the store is not what it was.
import { afterAll, describe, expect, it } from 'vitest';
import { bindKeyToStore } from '../standardise/deployment-key.ts';
import { createDeploymentKeys } from '../standardise/keys.ts';
import { dropSchema, freshSchema } from '../../../test/support/schemas.ts';
import { hasService, postgresUrl } from '../../../test/support/services.ts';
import { openServerStore } from './server.ts';
import { dynamicStatement, type Store } from './store.ts';

const one = dynamicStatement('test.one', 'SELECT 1 AS one');
const setKey = dynamicStatement(
  'test.set_key',
  `UPDATE setting SET value = to_jsonb($1::text) WHERE name = 'deployment_key'`,
);
const cutOff = dynamicStatement(
  'test.cut_off',
  `SELECT pg_terminate_backend(l.pid) FROM pg_locks l
   WHERE l.locktype = 'advisory' AND l.objid::int8 = (hashtext($1)::int8 & 4294967295)
     AND l.pid <> pg_backend_pid()`,
);

describe.skipIf(!(await hasService('postgres')))('a server store', () => {
  const schema = freshSchema();
  afterAll(() => dropSchema(schema));
  const open = (alone = false): Promise<Store> =>
    openServerStore({ connectionString: postgresUrl, schema, alone });
  const ask = (store: Store): Promise<object[]> => store.query('background', one);

  it('has many users, or one that is alone', { timeout: 60_000 }, async () => {
    const [hub, other] = [await open(), await open()];
    await ask(hub);
    await ask(other);
    const early = await open(true);
    await expect(ask(early)).rejects.toThrow('STORE_LOCKED');
    await Promise.all([hub.close(), other.close(), early.close()]);

    const alone = await open(true);
    expect(await ask(alone)).toEqual([{ one: 1 }]);
    expect(await alone.transaction('background', (q) => q.query(one))).toEqual([{ one: 1 }]);
    const late = await open();
    await expect(ask(late)).rejects.toThrow('STORE_UNAVAILABLE');
    await alone.close();
    expect(await ask(late)).toEqual([{ one: 1 }]);
    await late.close();
  });

  it('lets nobody back in who goes by another key', { timeout: 60_000 }, async () => {
    const key = new Uint8Array(32).fill(1);
    const hub = await open();
    const { fingerprint } = await bindKeyToStore(hub, key);
    expect(await ask(hub)).toEqual([{ one: 1 }]);

    // It is cut off; meanwhile the store comes under another key.
    const next = createDeploymentKeys(new Uint8Array(32).fill(2), [key]).fingerprint;
    const change = async (to: string): Promise<void> => {
      const alone = await open();
      await alone.query('background', cutOff, [schema]);
      await alone.query('background', setKey, [to]);
      await alone.close();
    };
    await change(next);
    const refused = () => ask(hub).catch((error: unknown) => String(error));
    await expect.poll(refused).toContain('DEPLOYMENT_KEY_WRONG');
    await change(fingerprint);
    await expect.poll(refused).toEqual([{ one: 1 }]);
    await hub.close();
  });
});
