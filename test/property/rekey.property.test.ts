// A store that is brought under another key on the way shows what one shows that never was: the same people,
// traits, consents and members, no message twice. And its hashes are those of a store that was under all of
// the keys from its first day.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rekey } from '../../core/src/rekey/rekey.ts';
import { rebuild } from '../../core/src/resolve/rebuild.ts';
import { bindKeyToStore } from '../../core/src/standardise/deployment-key.ts';
import { dynamicStatement, type Store } from '../../core/src/store/store.ts';
import type { Line } from '../support/line.ts';
import { nextTestKey, nextTestKeys, testKey, testKeys } from '../support/settings.ts';
import { eachStore, withCleanStore } from '../support/stores.ts';
import { arrivals, arrive, type Arrival } from './arrival.ts';
import { openLine } from './check-world.ts';
import { holds } from './holds.ts';
import { knownWorlds } from './known-worlds.ts';
import { observeLook, observePeople } from './observe.ts';
import { foretell } from './oracle.ts';
import { purge } from './purge.ts';
import { worlds, type World } from './world.ts';

const numRuns = Math.ceil(Number(process.env['PROPERTY_RUNS'] ?? 60) / 3);
const timeout = 60_000 + 5_000 * numRuns;

eachStore('a store under another key', (open) => {
  const cleanStore = withCleanStore(open);

  it.each(knownWorlds)('where %s', { timeout }, async (_name, world, arrival) => {
    await checkLife(await cleanStore(), world, arrival, 0.5);
    await checkHashes(cleanStore, world, arrival, 0.5);
    await checkPurged(await cleanStore(), world, arrival);
    expect.hasAssertions();
  });

  it('shows what it would show under its first', { timeout }, async () => {
    const property = fc.asyncProperty(worlds, arrivals, share, async (world, arrival, place) => {
      await checkLife(await cleanStore(), world, arrival, place);
    });
    await expect(holds(property, { numRuns, timeout })).resolves.toBeUndefined();
  });

  it('gives by a rebuild what an erasure had left', { timeout }, async () => {
    const property = fc.asyncProperty(worlds, arrivals, async (world, arrival) => {
      await checkPurged(await cleanStore(), world, arrival);
    });
    await expect(holds(property, { numRuns, timeout })).resolves.toBeUndefined();
  });

  it('holds the hashes of one that was always under both', { timeout }, async () => {
    const property = fc.asyncProperty(worlds, arrivals, share, async (world, arrival, place) => {
      await checkHashes(cleanStore, world, arrival, place);
    });
    await expect(holds(property, { numRuns, timeout })).resolves.toBeUndefined();
  });
});

/** How much of the world has arrived before. */
const share = fc.constantFrom(0, 0.3, 0.5, 0.8, 1);

async function checkLife(
  store: Store,
  world: World,
  arrival: Arrival,
  place: number,
): Promise<void> {
  const { looks, ...expected } = foretell(world, testKeys.messageHash);
  const at = world.looks[0] ?? 0;
  await beginLife(store, world, arrival, place);
  const line = await changeKey(store, world, arrival);
  // All of it once more: what came before is known.
  await arrive(line, world.records, arrival, at);
  expect(await observePeople(store, world)).toEqual(expected);
  const messages = new Set(world.records.map(({ source, id }) => `${source} ${id}`));
  expect(await dump(store, 'SELECT count(*) AS events FROM event')).toEqual([
    { events: messages.size },
  ]);
  const last = looks.at(-1);
  if (last === undefined) return;
  line.time.now = last.at;
  await line.resolve();
  expect(await observeLook(line, store, world, last.at)).toEqual(last);
  await rebuild({ store, room: line.room });
  expect(await observePeople(store, world)).toEqual(expected);
  expect(await observeLook(line, store, world, last.at)).toEqual(last);
}

async function checkPurged(store: Store, world: World, arrival: Arrival): Promise<void> {
  const before = await beginLife(store, world, arrival, 1);
  await purge(store, before);
  const people = await observePeople(store, world);
  const at = world.looks.at(-1) ?? before.time.now;
  before.time.now = at;
  await before.resolve();
  const look = await observeLook(before, store, world, at);
  const { room } = await changeKey(store, world, arrival);
  await rebuild({ store, room: { ...room, now: () => at } });
  expect(await observePeople(store, world)).toEqual(people);
  expect(await observeLook(before, store, world, at)).toEqual(look);
}

async function checkHashes(
  cleanStore: () => Promise<Store>,
  world: World,
  arrival: Arrival,
  place: number,
): Promise<void> {
  const brought = await cleanStore();
  await purge(brought, await beginLife(brought, world, arrival, place));
  await changeKey(brought, world, arrival);
  const held = await dumpHashes(brought);
  const other = await cleanStore();
  await purge(other, await beginLife(other, world, arrival, place, nextTestKeys));
  expect(held).toEqual(await dumpHashes(other));
}

async function beginLife(
  store: Store,
  world: World,
  arrival: Arrival,
  place: number,
  keys = testKeys,
): Promise<Line> {
  await bindKeyToStore(store, testKey);
  const line = await openLine(store, world, arrival, keys);
  const count = Math.round(world.records.length * place);
  const records = world.records.slice(0, count);
  if (count > 0) await arrive(line, records, arrival, world.looks[0] ?? 0);
  return line;
}

async function changeKey(store: Store, world: World, arrival: Arrival): Promise<Line> {
  const { room } = await openLine(store, world, arrival);
  const { settings } = room;
  const summary = await rekey({ store, from: testKey, to: nextTestKey, settings, now: 0 });
  expect(summary).toMatchObject({ changed: true, earlierKeys: 1 });
  await bindKeyToStore(store, nextTestKey);
  return openLine(store, world, arrival, nextTestKeys);
}

/** What holds a keyed hash, with what tells the rows apart. */
const holders: Readonly<Record<string, string>> = {
  identifiers: 'SELECT namespace, value, hash FROM identifier',
  events: 'SELECT number, subject_hash, message_hash, key_id, payload FROM event',
  messages: 'SELECT source, hash FROM seen',
  stops: 'SELECT identifier_hash, purpose, channel, number FROM stop',
  erasures: 'SELECT identifier_hash, at FROM erasure',
  suppressions: 'SELECT identifier_hash, at, returned_at FROM suppression',
  requests: 'SELECT identifier_hash, at FROM privacy_subject',
};

async function dumpHashes(store: Store): Promise<Record<string, string[]>> {
  const dumped: Record<string, string[]> = {};
  for (const [name, select] of Object.entries(holders)) {
    const rows = await dump(store, select);
    dumped[name] = rows.map((row) => JSON.stringify(row, readable)).sort();
  }
  return dumped;
}

function readable(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
}

function dump(store: Store, select: string): Promise<object[]> {
  return store.query('background', dynamicStatement('test.dump', select));
}
