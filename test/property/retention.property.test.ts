// Data that is older than config keeps it counts no more: whatever the order in which records came, and at
// whatever moments their age was carried out, a hub shows what the oracle foretells of what is left. A
// rebuild changes nothing, and nothing of age is left in the log.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rebuild } from '../../core/src/resolve/rebuild.ts';
import { letAge } from '../../core/src/retention/retention.ts';
import type { RetentionConfig } from '../../core/src/retention/rules.ts';
import { keepsAll } from '../../core/src/retention/settings.ts';
import { dynamicStatement, type Store } from '../../core/src/store/store.ts';
import { createLine, type Line } from '../support/line.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { testKeys } from '../support/settings.ts';
import { eachStore, withCleanStore } from '../support/stores.ts';
import { ageWorld, heldFor, heldTraits, stretch, type Retention } from './aged-world.ts';
import { arrive, arrivals, plainArrival, type Arrival } from './arrival.ts';
import { hubSettings } from './hub-settings.ts';
import { day } from './moments.ts';
import { observeLook, observePeople } from './observe.ts';
import { foretell } from './oracle.ts';
import { worlds, type World } from './world.ts';

const numRuns = Math.ceil(Number(process.env['PROPERTY_RUNS'] ?? 60) / 2);
const timeout = 60_000 + 3_000 * numRuns;

const days = fc.constantFrom(undefined, 1, 2, 3);
const retentions: fc.Arbitrary<Retention> = fc.record({
  sources: fc.record({ web: days, app: days, crm: days }),
  marketing: days,
});
/** After each time that resolve has caught up: how many steps of carrying out. */
const efforts = fc.array(fc.nat(4), { minLength: 17, maxLength: 17 });

eachStore('what is left of the past', (open) => {
  const cleanStore = withCleanStore(open);

  it('is the same in any order, carried out at any moments, and rebuilt', { timeout }, async () => {
    let aged = 0;
    const property = fc.asyncProperty(
      worlds,
      arrivals,
      retentions,
      efforts,
      async (world, arrival, retention, effort) => {
        const told = stretch(world);
        aged += await checkRetention(await cleanStore(), told, { arrival, retention, effort });
      },
    );
    await expect(fc.assert(property, { numRuns })).resolves.toBeUndefined();
    expect(aged).toBeGreaterThan(numRuns);
  });

  it('is the same where nothing is carried out before the end', { timeout }, async () => {
    const property = fc.asyncProperty(worlds, retentions, async (world, retention) => {
      const told = { arrival: plainArrival, retention, effort: [] };
      await checkRetention(await cleanStore(), stretch(world), told);
    });
    const runs = Math.ceil(numRuns / 4);
    await expect(fc.assert(property, { numRuns: runs })).resolves.toBeUndefined();
  });
});

interface Told {
  readonly arrival: Arrival;
  readonly retention: Retention;
  readonly effort: readonly number[];
}

/** @returns how many records came of age. */
async function checkRetention(store: Store, world: World, told: Told): Promise<number> {
  const { arrival, retention, effort } = told;
  const { line, config } = await openAgeing(store, world, told);
  const age = (): Promise<boolean> => letAge(ageing(store, line, config));
  let times = 0;
  const steadily: Line = {
    ...line,
    async resolve() {
      await line.resolve();
      for (let step = effort[times++] ?? 0; step > 0; step -= 1) await age();
    },
  };
  await arrive(steadily, world.records, arrival, world.looks[0] ?? 0);
  for (const now of world.looks) {
    line.time.now = now;
    await line.resolve();
    while (await age());
    const { looks, ...people } = foretell(ageWorld(world, retention, now), testKeys.messageHash);
    expect(await observePeople(store, world)).toEqual(people);
    expect(await observeLook(line, store, world, now)).toEqual(looks[0]);
    if (now !== world.looks.at(-1)) continue;
    await rebuild({ store, room: line.room });
    expect(await observePeople(store, world)).toEqual(people);
    expect(await observeLook(line, store, world, now)).toEqual(looks[0]);
  }
  expect(await contentBefore(store)).toEqual([]);
  const rows = await store.query<{ removed: number }>('background', selectRemoved);
  return rows.reduce((sum, { removed }) => sum + removed, 0);
}

async function openAgeing(store: Store, world: World, { arrival, retention }: Told) {
  const computed = new Map(world.computed.map(({ name, measure }) => [name, measure]));
  const known = hubSettings(computed);
  const keepMs = (count: number | undefined) => (count === undefined ? undefined : count * day);
  const { marketing } = retention;
  const held = { name: heldFor, title: heldFor, regions: new Map<string, never>() };
  const limited = { ...held, keepMs: keepMs(marketing), traits: heldTraits };
  const settings = {
    ...known,
    consent: {
      ...known.consent,
      purposes: new Map([...known.consent.purposes, [heldFor, limited] as const]),
    },
    sources: new Map(
      [...known.sources].map(([id, source]) => {
        const count = Object.entries(retention.sources).find(([name]) => name === id)?.[1];
        return [id, { ...source, keepMs: keepMs(count) }] as const;
      }),
    ),
  };
  const line = await createLine(store, {
    now: world.looks[0] ?? 0,
    settings,
    audiences: world.audiences,
    batchEvents: arrival.batchEvents,
  });
  const privacy = { deadlineMs: 1, journalFolder: undefined, retention: keepsAll };
  const config: RetentionConfig = { ...settings, privacy };
  return { line, config };
}

function ageing(store: Store, { room, time }: Line, config: RetentionConfig) {
  const forget = (): Promise<never> => Promise.reject(new Error('nobody is to be forgotten'));
  return { store, room, config, clock: createManualClock(time.now), forget };
}

/** What the log still says of events and traits that are older than their source's data is kept. */
function contentBefore(store: Store): Promise<object[]> {
  return store.query(
    'background',
    dynamicStatement(
      'test.content_before',
      `SELECT e.number FROM event e JOIN retention r ON r.rule = 'source:' || e.source
       WHERE e.at < r.before AND encode(e.payload, 'escape') ~ '"(properties|traits|event)":'
       UNION ALL
       SELECT f.number FROM fact f JOIN retention r ON r.rule = 'source:' || f.source
       WHERE f.at < r.before`,
    ),
  );
}

const selectRemoved = dynamicStatement('test.removed', 'SELECT removed FROM retention');
