// Whoever holds a public write key can connect any number of identifiers, and each touch of one loads them all:
// no member must be read twice for that.
import { beforeAll, expect, it } from 'vitest';
import { eachStore } from '../../../test/support/stores.ts';
import { dynamicStatement, statement, type Store } from '../store/store.ts';
import { loadGraph } from './load-graph.ts';
import { selectMembers } from './plans.ts';

/** Ids 1 to 6,000 are one component, 6,001 to 12,000 components of three, then everybody is alone. */
const many = 15_000;
const large = 6_000;
const fill = `INSERT INTO identifier (id, hash, latent_id, namespace, kind, value, first_at, last_at,
    component, profile_id)
  OVERRIDING SYSTEM VALUE
  SELECT n, gen_random_uuid(), gen_random_uuid(), 'user_id', 'person', 'v' || n, now(), now(),
    CASE WHEN n <= ${large} THEN 1 WHEN n <= 2 * ${large} THEN n - n % 3 ELSE n END, gen_random_uuid()
  FROM generate_series(1, ${many}) AS n`;

eachStore('a large component', (open) => {
  let store: Store;
  const asked: string[] = [];

  beforeAll(async () => {
    store = await open({ onStatement: (_lane, name) => asked.push(name) });
    await store.query('background', dynamicStatement('test.fill', fill));
  });

  const load = async (labels: readonly number[]): Promise<number[]> =>
    store.transaction('resolve', async (transaction) => {
      const none = { fresh: [], changed: new Map(), everyPair: false };
      const graph = await loadGraph(transaction, { labels: new Set(labels), ...none });
      return [...graph.members.keys()];
    });
  const numbers = (first: number, last: number): number[] =>
    Array.from({ length: last - first + 1 }, (_, place) => first + place);

  it.each<[string, number[], number[]]>([
    ['alone', [14_000], [14_000]],
    ['in slices', [1], numbers(1, large)],
    [
      'beside small ones',
      [9_000, 1, 12_345, 6_003],
      [...numbers(1, large), 6_003, 6_004, 6_005, 9_000, 9_001, 9_002, 12_345],
    ],
    ['as many small ones', numbers(2_001, 4_000).map((n) => n * 3), numbers(6_003, 12_000)],
  ])('is loaded %s, each member once', async (_title, labels, members) => {
    asked.length = 0;
    expect(await load(labels)).toEqual(members);
    const slices = asked.filter((name) => name === 'identity.select_members').length;
    expect(slices).toBeLessThanOrEqual(Math.floor(members.length / 2_000) + 1);
  });

  it.each(['', 'ANALYZE identifier'])(
    'is read from the index, from where the slice before ended, %s',
    async (before) => {
      if (before !== '') await store.query('background', dynamicStatement('test.stats', before));
      const asked = `{6003,9000}', 1, ${large - 500}, 2000`;
      const plan = await store.transaction('background', async (transaction) => {
        const types = 'bigint[], bigint, bigint, int';
        const run = (text: string) =>
          transaction.query<{ 'QUERY PLAN': string }>(statement(`test.${text.slice(0, 7)}`, text));
        await run(`PREPARE members (${types}) AS ${selectMembers.text}`);
        const rows = await run(
          `EXPLAIN (ANALYZE, COSTS off, TIMING off) EXECUTE members ('${asked})`,
        );
        await run('DEALLOCATE members');
        return rows.map((row) => row['QUERY PLAN']);
      });
      const scans = plan.filter((line) => line.includes('Index Scan using identifier_member'));
      expect(scans).toEqual([
        expect.stringMatching(/rows=500\b/),
        expect.stringMatching(/rows=4\b/),
      ]);
      expect(plan.join('\n')).toContain('Index Cond: ((ROW(component, id) > ROW($2, $3))');
    },
  );
});
