// A log that was resolved by other rules, in part or as a whole, shows after a rebuild what it would show
// had the rules of now always been those: nothing of what the earlier ones made of it is left.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { NamespaceSettings } from '../../core/src/identity/settings.ts';
import { rebuild } from '../../core/src/resolve/rebuild.ts';
import type { StandardiseSettings } from '../../core/src/standardise/standardise.ts';
import { createLine, type Line } from '../support/line.ts';
import { testKeys } from '../support/settings.ts';
import { eachStore, withCleanStore } from '../support/stores.ts';
import type { Store } from '../../core/src/store/store.ts';
import { arrivals, arrive, type Arrival } from './arrival.ts';
import { openLine } from './check-world.ts';
import { holds } from './holds.ts';
import { hubSettings } from './hub-settings.ts';
import { knownWorlds } from './known-worlds.ts';
import { observeLook, observePeople } from './observe.ts';
import { foretell } from './oracle.ts';
import { persons, sharedName, trustOrder, type MergePolicy } from './vocabulary.ts';
import { worlds, type World } from './world.ts';

const numRuns = Math.ceil(Number(process.env['PROPERTY_RUNS'] ?? 60) / 2);
const timeout = 60_000 + 4_000 * numRuns;

/** What an admin might have had in config before. */
interface EarlierRules {
  /** By place of the namespace: its priority. */
  readonly priorities: readonly number[];
  readonly limits: readonly (number | undefined)[];
  readonly fanOuts: readonly number[];
  readonly kinds: readonly ('person' | 'device' | 'gone' | 'same')[];
  readonly shared: readonly string[];
  readonly fromTraits: boolean;
  readonly merges: readonly MergePolicy[];
  readonly gpcDenies: readonly string[];
  readonly purposes: readonly string[];
  readonly trust: StandardiseSettings['sources'] extends ReadonlyMap<string, infer Source>
    ? Source extends { readonly trust: infer Trust }
      ? Trust
      : never
    : never;
}

const six = { minLength: 6, maxLength: 6 };
const trust = fc.constantFrom(...trustOrder);
const earlierRules: fc.Arbitrary<EarlierRules> = fc.record({
  priorities: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], six),
  limits: fc.array(fc.constantFrom(undefined, 1, 2), six),
  fanOuts: fc.array(fc.constantFrom(1, 2, 1_000), six),
  kinds: fc.array(
    fc.constantFrom('same', 'same', 'same', 'person', 'device', 'gone' as const),
    six,
  ),
  shared: fc.subarray([...persons, sharedName], { maxLength: 3 }),
  fromTraits: fc.boolean(),
  merges: fc.array(fc.constantFrom('latest', 'oldest', 'most_frequent', 'union', 'max' as const), {
    minLength: 7,
    maxLength: 7,
  }),
  gpcDenies: fc.subarray(['ads', 'email_marketing']),
  purposes: fc.subarray(['ads', 'email_marketing'], { minLength: 1 }),
  trust: fc.record({ server: trust, client: trust }),
});

/** How much of the world has arrived before the rules changed. */
const share = fc.constantFrom(0.3, 0.7, 1);

eachStore('rules that change', (open) => {
  const cleanStore = withCleanStore(open);

  it('leave nothing of what was made by those before', { timeout }, async () => {
    const property = fc.asyncProperty(
      worlds,
      arrivals,
      earlierRules,
      share,
      async (world, arrival, earlier, place) => {
        await checkChange(await cleanStore(), { world, arrival, earlier, place });
      },
    );
    await expect(holds(property, { numRuns, timeout })).resolves.toBeUndefined();
  });

  it.each(knownWorlds)('nor where %s', { timeout }, async (_name, world, arrival) => {
    for (const earlier of fc.sample(earlierRules, { numRuns: 3, seed: 5 })) {
      await checkChange(await cleanStore(), { world, arrival, earlier, place: 1 });
    }
    expect.hasAssertions();
  });
});

interface Change {
  readonly world: World;
  readonly arrival: Arrival;
  readonly earlier: EarlierRules;
  readonly place: number;
}

async function checkChange(
  store: Store,
  { world, arrival, earlier, place }: Change,
): Promise<void> {
  const { looks, ...expected } = foretell(world, testKeys.messageHash);
  const line = await openLine(store, world, arrival);
  const before = await openEarlier(store, line, world, { arrival, earlier });
  const records = world.records.slice(0, Math.ceil(world.records.length * place));
  const until = world.looks[0] ?? 0;
  await arrive(before, records, arrival, until);
  line.time.now = until;
  await rebuild({ store, room: line.room });
  await arrive(line, world.records, arrival, until);
  expect(await observePeople(store, world)).toEqual(expected);
  for (const look of looks) {
    line.time.now = look.at;
    await line.resolve();
    expect(await observeLook(line, store, world, look.at)).toEqual(look);
  }
}

/** What intake takes is what the rules of now let in: rules that refuse a record are another matter. */
async function openEarlier(
  store: Store,
  { intake }: Line,
  world: World,
  { arrival, earlier }: Pick<Change, 'arrival' | 'earlier'>,
): Promise<Line> {
  const computed = new Map(world.computed.map(({ name, measure }) => [name, measure]));
  return createLine(store, {
    now: world.looks[0] ?? 0,
    settings: earlierSettings(hubSettings(computed), earlier),
    audiences: world.audiences,
    batchEvents: arrival.batchEvents,
    // As in another process: what intake standardised is read from the log.
    intake: { ...intake, justCommitted: { takeAfter: () => undefined } },
  });
}

function earlierSettings(now: StandardiseSettings, earlier: EarlierRules): StandardiseSettings {
  const spaces = [...now.identity.namespaces.values()].flatMap((space, place) =>
    earlierSpace(space, place, earlier),
  );
  const traits = [...now.profile.traits.values()].map((trait, place) => ({
    ...trait,
    merge: earlier.merges[place] ?? trait.merge,
  }));
  const purposes = [...now.consent.purposes].filter(([name]) => earlier.purposes.includes(name));
  return {
    ...now,
    identity: { namespaces: new Map(spaces.map((space) => [space.name, space])) },
    profile: { ...now.profile, traits: new Map(traits.map((trait) => [trait.name, trait])) },
    consent: {
      ...now.consent,
      purposes: new Map(purposes),
      gpcDenies: earlier.gpcDenies.filter((name) => earlier.purposes.includes(name)),
    },
    sources: new Map(
      [...now.sources].map(([id, source]) => [
        id,
        id === 'hub' ? source : { ...source, trust: earlier.trust },
      ]),
    ),
  };
}

function earlierSpace(
  space: NamespaceSettings,
  place: number,
  earlier: EarlierRules,
): NamespaceSettings[] {
  const kind = earlier.kinds[place] ?? 'same';
  if (kind === 'gone') return [];
  const isHers = (name: string): boolean => name.startsWith(`${space.name}:`);
  const shared = earlier.shared.filter(isHers).map((name) => name.slice(space.name.length + 1));
  return [
    {
      ...space,
      kind: kind === 'same' ? space.kind : kind,
      priority: earlier.priorities[place] ?? space.priority,
      limit: earlier.limits[place],
      fanOut: earlier.fanOuts[place] ?? space.fanOut,
      fromTraits: earlier.fromTraits ? space.fromTraits : [],
      shared: new Set(shared),
    },
  ];
}
