// What an instance would do at its destination if another config held, counted: nobody is locked,
// nothing is written and nothing is sent. It is fed slice by slice with people who would be on one of
// its lists, and walks the ledger itself for those who would not.
import type { Queryable } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import { selectGuardWindows } from './guard-plans.ts';
import { guardWindowMs, judgeList } from './guards.ts';
import { listsOf } from './plan/desired.ts';
import { previewKeys, previewProfiles, type PreviewedChange } from './plan/preview-people.ts';
import { firstLedgerKey, selectSweepSlice } from './plan/plans.ts';
import type { Support, SupportReads } from './plan/supports.ts';
import { selectPresent } from './state/plans.ts';
import type { InstanceWorld } from './world.ts';

export type { Membership, SupportReads } from './plan/supports.ts';
export { asTheyAre } from './plan/supports.ts';

export interface ListPreview {
  /** Empty: the profiles. */
  readonly list: string;
  /** Possibly there now. */
  readonly present: number;
  readonly added: number;
  /** Their fields would be other ones. */
  readonly updated: number;
  readonly removed: number;
  /** At least so many; batches are also cut by size. */
  readonly calls: number;
  /** What would stop it and ask an operator. */
  readonly guard: { readonly code: string; readonly message: string } | undefined;
}

export interface DestinationPreview {
  readonly lists: readonly ListPreview[];
  /** Vendor keys that the vendor has never been told of. */
  readonly newlyShown: number;
  /** People who would be on a list. */
  readonly members: number;
  /** Of them: without an address that the vendor takes. */
  readonly unreachable: number;
  /** Of them: who can be addressed and lack a grant. */
  readonly withheld: number;
  /** Purpose → how many of those withheld lack it. */
  readonly lacking: ReadonlyMap<string, number>;
}

export interface DestinationPreviewer {
  /** Would somebody in these audiences be on one of its lists? */
  concerns(audiences: ReadonlySet<string>): boolean;
  /** People who would; each of them once, in slices of ascending ids. */
  addProfiles(profileIds: readonly string[]): Promise<void>;
  /** After all people. */
  finish(): Promise<DestinationPreview>;
}

const sliceSize = 200;

interface Tally {
  added: number;
  updated: number;
  removed: number;
  /** Removals of those who said no pass the guards. */
  guarded: number;
}

export function createDestinationPreviewer(
  world: InstanceWorld,
  queryable: Queryable,
  reads: SupportReads,
): DestinationPreviewer {
  const lists = [...listsOf(world.settings).values()];
  const wanted = new Set(lists.flatMap(({ sources }) => sources.map(({ audience }) => audience)));
  const tallies = new Map<string, Tally>(lists.map(({ list }) => [list, nothing()]));
  const lacking = new Map(world.settings.purposes.map((purpose) => [purpose, 0]));
  const counts = { newlyShown: 0, members: 0, unreachable: 0, withheld: 0 };

  const isOn = (audiences: Iterable<string>): boolean =>
    wanted.has(undefined) || [...audiences].some((audience) => wanted.has(audience));
  const isMember = (support: Support): boolean => isOn(support.memberships.keys());

  function note(changes: readonly PreviewedChange[]): void {
    for (const { list, kind, cause } of changes) {
      const tally = tallies.get(list) ?? nothing();
      tallies.set(list, tally);
      if (kind === 'add') tally.added += 1;
      else if (kind === 'update') tally.updated += 1;
      else tally.removed += 1;
      if (kind === 'remove' && cause !== 'consent' && cause !== 'erased') tally.guarded += 1;
    }
    if (changes.some(({ isNew }) => isNew)) counts.newlyShown += 1;
  }

  async function noteWithheld(supports: readonly Support[]): Promise<void> {
    const people = new Set(supports.map(({ profileId }) => profileId));
    counts.withheld += people.size;
    const subjects = supports.map(({ profileId, identifier }) => ({
      profileId,
      identifierIds: [identifier.id],
    }));
    const { channel } = world.destination.plugin;
    for (const purpose of world.settings.purposes) {
      const now = world.clock.now();
      const decisions = await world.consent.decide(queryable, subjects, [purpose], channel, now);
      const granted = new Set(
        subjects.flatMap(({ profileId }, place) =>
          decisions[place]?.granted === true ? [profileId] : [],
        ),
      );
      lacking.set(purpose, (lacking.get(purpose) ?? 0) + people.size - granted.size);
    }
  }

  return {
    concerns: isOn,
    async addProfiles(profileIds) {
      if (profileIds.length === 0) return;
      const slice = new Set(profileIds);
      const found = await previewProfiles(world, queryable, profileIds, reads);
      for (const keyHash of found.keyHashes) {
        // Several may stand behind a key: it is counted with the first of them.
        const members = (found.behind.get(keyHash) ?? []).filter(isMember);
        const [first] = members.map(({ profileId }) => profileId).sort();
        if (first !== undefined && slice.has(first)) note(found.changesOf(keyHash));
      }
      const own = found.supports.filter(({ profileId }) => slice.has(profileId));
      const byProfile = Map.groupBy(own, ({ profileId }) => profileId);
      const without = [...byProfile.values()].filter(
        (all) => !all.some(({ consent }) => consent.granted && !consent.forbidden),
      );
      counts.members += slice.size;
      counts.unreachable += slice.size - byProfile.size;
      await noteWithheld(without.flat());
    },
    async finish() {
      await walkLedger(world, queryable, async (keyHashes) => {
        const found = await previewKeys(world, queryable, { keyHashes, contacts: [], reads });
        for (const keyHash of keyHashes) {
          const isCounted = (found.behind.get(keyHash) ?? []).some(isMember);
          if (!isCounted) note(found.changesOf(keyHash));
        }
      });
      return { ...counts, lacking, lists: await describeLists(world, queryable, tallies) };
    },
  };
}

function nothing(): Tally {
  return { added: 0, updated: 0, removed: 0, guarded: 0 };
}

async function walkLedger(
  world: InstanceWorld,
  queryable: Queryable,
  visit: (keyHashes: readonly string[]) => Promise<void>,
): Promise<void> {
  // A key with rows on several lists may be cut in two by a slice: it is visited once.
  let before = '';
  for (let after = firstLedgerKey; ;) {
    const rows = await queryable.query<{ list: string; keyHash: string }>(selectSweepSlice, [
      world.id,
      after.keyHash,
      after.list,
      sliceSize,
    ]);
    const last = rows.at(-1);
    if (last === undefined) return;
    const keys = new Set(rows.map(({ keyHash }) => keyHash));
    keys.delete(before);
    if (keys.size > 0) await visit([...keys]);
    before = last.keyHash;
    after = last;
  }
}

async function describeLists(
  world: InstanceWorld,
  queryable: Queryable,
  tallies: ReadonlyMap<string, Tally>,
): Promise<ListPreview[]> {
  const { limits, settings, clock } = world;
  const sizes = await queryable.query<{ list: string; present: number }>(selectPresent, [world.id]);
  const windows = await queryable.query<{ list: string; size: number }>(selectGuardWindows, [
    world.id,
    isoTime(clock.now() - guardWindowMs),
  ]);
  const callsFor = (records: number): number => Math.ceil(records / limits.batchRecords);
  return [...tallies].map(([list, { added, updated, removed, guarded }]) => {
    const present = sizes.find((row) => row.list === list)?.present ?? 0;
    const before = windows.find((row) => row.list === list)?.size ?? present;
    const numbers = { present, removals: guarded, adds: added, before };
    const guard = judgeList(list, numbers, settings.guards);
    const calls = settings.dryRun ? 0 : callsFor(added + updated) + callsFor(removed);
    return { list, present, added, updated, removed, calls, guard };
  });
}
