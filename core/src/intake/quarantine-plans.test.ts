// Quarantine may grow for years. What is asked of it again and again must not read all of it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbeddedStore } from '../store/embedded.ts';
import { dynamicStatement, type Statement, type Store } from '../store/store.ts';
import { ageQuarantineEntries, selectOpenQuarantine } from './plans.ts';

let store: Store;
beforeAll(async () => {
  store = await openEmbeddedStore({ folder: 'memory:' });
});
afterAll(() => store.close());

it.each<readonly [string, Statement, string]>([
  ['what is open', selectOpenQuarantine, 'quarantine_open'],
  ['what is older than it is kept', ageQuarantineEntries, 'quarantine_age'],
])('looks for %s by an index of its own', async (_title, { text }, index) => {
  const rows = await store.query<{ 'QUERY PLAN': string }>(
    'background',
    dynamicStatement('test.plan', `EXPLAIN (GENERIC_PLAN) ${text}`),
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(index);
});
