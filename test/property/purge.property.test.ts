// What an erasure leaves in the log is what is left of people: folding the purged log again, by a rebuild,
// changes nothing; and whoever was not erased is grouped as the oracle foretells.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rebuild } from '../../core/src/resolve/rebuild.ts';
import { dynamicStatement, type Store } from '../../core/src/store/store.ts';
import { testKeys } from '../support/settings.ts';
import { eachStore, withCleanStore } from '../support/stores.ts';
import { arrive, arrivals, type Arrival } from './arrival.ts';
import { openLine } from './check-world.ts';
import { holds } from './holds.ts';
import { observeLook, observePeople } from './observe.ts';
import { foretell } from './oracle.ts';
import { knownWorlds } from './known-worlds.ts';
import { purge } from './purge.ts';
import { worlds, type World } from './world.ts';

const numRuns = Math.ceil(Number(process.env['PROPERTY_RUNS'] ?? 60) / 3);
const timeout = 60_000 + 3_000 * numRuns;

eachStore('a purged log', (open) => {
  const cleanStore = withCleanStore(open);

  it.each(knownWorlds)('where %s', { timeout }, async (_name, world, arrival) => {
    await checkPurge(await cleanStore(), world, arrival);
    expect.hasAssertions();
  });

  it('gives by a rebuild what is there', { timeout }, async () => {
    const property = fc.asyncProperty(worlds, arrivals, async (world, arrival) => {
      await checkPurge(await cleanStore(), world, arrival);
    });
    await expect(holds(property, { numRuns, timeout })).resolves.toBeUndefined();
  });
});

async function checkPurge(store: Store, world: World, arrival: Arrival): Promise<void> {
  const line = await openLine(store, world, arrival);
  await arrive(line, world.records, arrival, world.looks[0] ?? 0);
  const at = world.looks.at(-1) ?? line.time.now;
  line.time.now = at;
  await line.resolve();
  await purge(store, line);
  const { people, rejected, owners } = foretell(world, testKeys.messageHash);
  const before = await observePeople(store, world);
  expect(before).toMatchObject({ people, rejected, owners });
  const look = await observeLook(line, store, world, at);
  expect(await unreduced(store)).toEqual([]);
  await rebuild({ store, room: line.room });
  expect(await observePeople(store, world)).toEqual(before);
  expect(await observeLook(line, store, world, at)).toEqual(look);
}

/** Delete records that still say whom they were about. */
function unreduced(store: Store): Promise<object[]> {
  return store.query(
    'background',
    dynamicStatement(
      'test.unreduced',
      `SELECT e.number FROM event e WHERE e.type = 'delete' AND e.key_id = 0
       UNION ALL SELECT 0 FROM privacy_request WHERE state <> 'done'`,
    ),
  );
}
