// Marking whom a batch has changed costs the same however many people are stored: people are found by their id.
import { expect, test } from 'vitest';
import { eachStore, withCleanStore } from '../../../test/support/stores.ts';
import { dynamicStatement, type Statement } from '../store/store.ts';
import { markChanged, markHoldersChanged } from './plans.ts';

eachStore('marking people as changed', (open) => {
  const clean = withCleanStore(open);

  test.each<[string, Statement, string]>([
    ['by their ids', markChanged, 'md5(n::text)::uuid'],
    ['by what they hold', markHoldersChanged, 'n::bigint'],
  ])('%s goes by their key', async (_, { text }, keyOf) => {
    const store = await clean();
    const run = (words: string): Promise<Record<string, string>[]> =>
      store.query('background', dynamicStatement('test.plan', words));
    await run(`INSERT INTO profile (id, traits, computed, changed)
      SELECT md5(n::text)::uuid, '{}', '{}', 0 FROM generate_series(1, 20000) n`);
    await run(`INSERT INTO identifier (id, hash, latent_id, namespace, kind, value, first_at, last_at, component, profile_id)
      OVERRIDING SYSTEM VALUE
      SELECT n, md5(n::text)::uuid, md5(n::text)::uuid, 'user_id', 'person', n, now(), now(), n, md5(n::text)::uuid
      FROM generate_series(1, 20000) n`);
    for (const table of ['profile', 'identifier']) await run(`ANALYZE ${table}`);
    // Statistics are of the day when all was new: nobody says that there are many values of `changed` by now.
    await run(`UPDATE profile SET changed = ('x' || left(id::text, 4))::bit(16)::int`);
    const keys = `(SELECT array_agg(${keyOf}) FROM generate_series(1, 50) n)`;
    const words = text.replaceAll('$1', keys).replaceAll('$2', '100000');
    const plan = (await run(`EXPLAIN ${words}`)).map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('profile_pkey');
    expect(plan).not.toContain('profile_changed');
  });
});
