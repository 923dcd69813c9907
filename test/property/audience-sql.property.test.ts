// Who is in an audience, asked in four ways that share little: the rows that batches and the timer kept,
// the read that is exact while the timer lags, the rule as one SQL statement over everybody, and the
// oracle. They agree for random rules over random people and merges, at any moment.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ruleToSql } from '../../core/src/audience/rule-sql.ts';
import { createSqlParameters } from '../../core/src/profile/parameters-sql.ts';
import { dynamicStatement, type Queryable, type Store } from '../../core/src/store/store.ts';
import type { Line } from '../support/line.ts';
import { testKeys } from '../support/settings.ts';
import { eachStore, withCleanStore } from '../support/stores.ts';
import { arrivals, arrive } from './arrival.ts';
import { openLine } from './check-world.ts';
import { anchorOf } from './observe.ts';
import { holds } from './holds.ts';
import { foretell } from './oracle.ts';
import type { Audience } from './rules.ts';
import { watchedWorlds, type World } from './world.ts';

const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 40);
const timeout = 600_000;

eachStore('an audience has the same members', (open) => {
  const cleanStore = withCleanStore(open);

  it('by its rows, by a lagging read, by SQL and by the oracle', { timeout }, async () => {
    const property = fc.asyncProperty(watchedWorlds, arrivals, async (world, arrival) => {
      const store = await cleanStore();
      const line = await openLine(store, world, arrival);
      await arrive(line, world.records, arrival, world.looks[0] ?? 0);
      for (const { at, members } of foretell(world, testKeys.messageHash).looks) {
        line.time.now = at;
        expect(await readLagging(line, store, world)).toEqual(members);
        await line.resolve();
        expect(await readRows(store, world)).toEqual(members);
        expect(await readBySql(store, world, at)).toEqual(members);
      }
    });
    await expect(holds(property, { numRuns, timeout })).resolves.toBeUndefined();
  });
});

type Members = Record<string, readonly string[]>;

async function readEach(
  store: Store,
  world: World,
  read: (q: Queryable, audience: Audience) => Promise<readonly string[]>,
): Promise<Members> {
  return store.transaction('background', async (q) => {
    const members: Members = {};
    for (const audience of world.audiences) {
      const ids = await read(q, audience);
      members[audience.name] = ids.map(anchorOf).sort();
    }
    return members;
  });
}

/** As the console reads them, before the timer has looked at this moment. */
async function readLagging(line: Line, store: Store, world: World): Promise<Members> {
  const { audiences, time } = line;
  return readEach(store, world, async (q, { name }) => {
    const found = await audiences.membersOf(q, name, time.now, { limit: 100 });
    expect(await audiences.sizeOf(q, name, time.now)).toBe(found.length);
    return found.map(({ profileId }) => profileId);
  });
}

const selectRows = dynamicStatement(
  'test.members',
  'SELECT profile_id AS id FROM membership WHERE audience = $1',
);

async function readRows(store: Store, world: World): Promise<Members> {
  return readEach(store, world, async (q, { name }) => {
    const rows = await q.query<{ id: string }>(selectRows, [name]);
    return rows.map(({ id }) => id);
  });
}

async function readBySql(store: Store, world: World, now: number): Promise<Members> {
  return readEach(store, world, async (q, { rule }) => {
    const parameters = createSqlParameters();
    const meets = ruleToSql(rule, { now, parameters }, world.audiences);
    const select = dynamicStatement('test.rule', `SELECT p.id FROM profile p WHERE ${meets}`);
    const rows = await q.query<{ id: string }>(select, parameters.values);
    return rows.map(({ id }) => id);
  });
}
