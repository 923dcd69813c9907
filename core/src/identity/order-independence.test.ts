// The promise "same facts, same result", for identity: any order, any duplication, any batches.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { computeView, forgetIdentity, readView } from '../../../test/support/identity-view.ts';
import {
  arrange,
  arrivals,
  recordOf,
  tightSettings,
  worlds,
  type World,
} from '../../../test/support/identity-world.ts';
import { testKeys } from '../../../test/support/settings.ts';
import { eachStore } from '../../../test/support/stores.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import type { LoginOrder } from './device-spans.ts';
import { createPairOrder, type PairOrderMaker } from './pair-order.ts';
import {
  resolveIdentities,
  type IdentityChange,
  type IdentityOrders,
} from './resolve-identities.ts';

const settings = tightSettings;
const recordsOf = (world: World): StandardRecord[] =>
  world.map((said, place) => recordOf(said, place + 1, settings));

describe('identity, computed over all records', () => {
  it('is the same for any order and duplication', () => {
    fc.assert(
      fc.property(worlds, arrivals, (world, arrival) => {
        const arrived = arrange(world, arrival, settings).flat();
        expect(computeView(arrived, settings)).toEqual(computeView(recordsOf(world), settings));
      }),
      { numRuns: 500 },
    );
  });
});

eachStore('identity, resolved batch by batch', (open) => {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });

  async function resolveWorld(batches: StandardRecord[][], orders?: IdentityOrders): Promise<void> {
    await forgetIdentity(store);
    for (const batch of batches) {
      await store.transaction('resolve', (transaction) =>
        resolveIdentities(transaction, batch, settings, testKeys, orders),
      );
    }
  }

  it('is the same as computed over all records, for any order, duplication and batches', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, arrivals, async (world, arrival) => {
        await resolveWorld(arrange(world, arrival, settings));
        const view = await store.transaction('background', readView);
        expect(view).toEqual(computeView(recordsOf(world), settings));
      }),
      { numRuns: 150 },
    );
  });

  it('would be noticed to depend on arrival, were a tie between pairs broken by it', async () => {
    // The right order but for the last word: interned ids, which are given out on arrival.
    const byArrival: PairOrderMaker = (identifiers, given) => {
      const order = createPairOrder(new Map(identifiers), given);
      return (left, right) =>
        left.trust - right.trust ||
        right.probability - left.probability ||
        (left.at === right.at ? 0 : order(left, right)) ||
        left.right - right.right ||
        left.left - right.left;
    };
    await expect(differsFor({ pairs: byArrival })).resolves.toBe(true);
  });

  it('would be noticed to depend on arrival, were a tie between logins broken by it', async () => {
    const byArrival: LoginOrder = (left, right) =>
      left.at - right.at || left.trust - right.trust || left.personId - right.personId;
    await expect(differsFor({ logins: byArrival })).resolves.toBe(true);
  });

  async function differsFor(orders: IdentityOrders): Promise<boolean> {
    const property = fc.asyncProperty(worlds, arrivals, async (world, arrival) => {
      await resolveWorld(arrange(world, arrival, settings), orders);
      const view = await store.transaction('background', readView);
      expect(view).toEqual(computeView(recordsOf(world), settings));
    });
    const { failed } = await fc.check(property, { numRuns: 400, endOnFailure: true });
    return failed;
  }

  it('tells of each batch which profiles came, changed and vanished', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, arrivals, async (world, arrival) => {
        await forgetIdentity(store);
        let before = await readProfiles();
        const untold: string[] = [];
        for (const batch of arrange(world, arrival, settings)) {
          const change = await store.transaction('resolve', (transaction) =>
            resolveIdentities(transaction, batch, settings, testKeys),
          );
          const after = await readProfiles();
          untold.push(...findUntold(change, before, after));
          before = after;
        }
        expect(untold).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  /** Profile → the subjects that it has, each with its times. */
  async function readProfiles(): Promise<Map<string, string[]>> {
    const rows = await store.query<{ profile_id: string; subject: string }>('background', subjects);
    const groups = Map.groupBy(rows, (row) => row.profile_id);
    return new Map([...groups].map(([id, found]) => [id, found.map(({ subject }) => subject)]));
  }
});

const subjects = dynamicStatement(
  'test.subjects',
  `SELECT ps.profile_id,
     concat_ws(' ', i.hash, from_at, to_at, CASE WHEN i.kind = 'person' THEN 'person' END) AS subject
   FROM profile_subject ps JOIN identifier i ON i.id = ps.subject_id ORDER BY subject`,
);

/** What a change should have told and did not, or told and should not have. */
function findUntold(
  change: IdentityChange,
  before: ReadonlyMap<string, string[]>,
  after: ReadonlyMap<string, string[]>,
): string[] {
  const gone = [...before.keys()].filter((id) => !after.has(id));
  const untold = [
    ...gone.filter((id) => !change.vanished.has(id)).map((id) => `vanished ${id}`),
    ...[...change.vanished].filter((id) => !gone.includes(id)).map((id) => `still there ${id}`),
    ...[...change.touched].filter((id) => !after.has(id)).map((id) => `not there ${id}`),
    ...[...change.profileOf.values()].filter((id) => !change.touched.has(id)),
  ];
  const homeBefore = homes(before);
  for (const [id, now] of after) {
    const then = before.get(id);
    if (then?.join() === now.join()) continue;
    if (!change.touched.has(id)) untold.push(`touched ${id}`);
    if (then !== undefined && !change.regrouped.has(id)) untold.push(`regrouped ${id}`);
    for (const subject of now.filter((one) => one.endsWith('person'))) {
      const origin = homeBefore.get(subject) ?? id;
      const isTold = origin === id || change.origins.get(id)?.has(origin) === true;
      if (!isTold) untold.push(`${id} comes from ${origin}`);
    }
  }
  return untold;
}

function homes(profiles: ReadonlyMap<string, string[]>): Map<string, string> {
  return new Map([...profiles].flatMap(([id, found]) => found.map((subject) => [subject, id])));
}
