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
import type { Store } from '../store/store.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';
import { resolveIdentities } from './resolve-identities.ts';

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

  it('is the same as computed over all records, for any order, duplication and batches', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, arrivals, async (world, arrival) => {
        await forgetIdentity(store);
        for (const batch of arrange(world, arrival, settings)) {
          await store.transaction('resolve', (transaction) =>
            resolveIdentities(transaction, batch, settings, testKeys),
          );
        }
        const view = await store.transaction('background', readView);
        expect(view).toEqual(computeView(recordsOf(world), settings));
      }),
      { numRuns: 150 },
    );
  });
});
