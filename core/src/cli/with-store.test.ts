// A command that takes its time in a transaction, on a server that takes its time with each statement.
import { afterAll, expect, test } from 'vitest';
import { dropSchema, freshSchema } from '../../../test/support/schemas.ts';
import { hasService, postgresUrl } from '../../../test/support/services.ts';
import { dynamicStatement } from '../store/store.ts';
import { withStoreAlone } from './with-store.ts';

const schema = freshSchema();
const hasPostgres = await hasService('postgres');
afterAll(async () => (hasPostgres ? dropSchema(schema) : undefined));

test.skipIf(!hasPostgres)('without a limit a statement may take longer than a moment', async () => {
  const slow = dynamicStatement('test.slow', `SELECT pg_sleep(0.1), 1 AS done`);
  const settings = { kind: 'server', url: postgresUrl, schema } as const;
  const rows = await withStoreAlone(settings, (store) =>
    store.transaction('background', (transaction) => transaction.query(slow)),
  );
  expect(rows).toMatchObject([{ done: 1 }]);
});
