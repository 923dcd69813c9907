// Keeps a row per profile with its folded traits, so that a look-up is one read. The row is a copy:
// it can be made again at any time from the accumulators of the profile's subjects.
import canonicalize from 'canonicalize';
import type { JsonObject } from '@tributary/sdk';
import type { Queryable, Transaction } from '../store/store.ts';
import { foldDeviceTraits } from './device-traits.ts';
import { createTraitFolds, valuesOfState, type TraitState } from './fold-traits.ts';
import {
  deleteProfiles,
  markChanged,
  markHoldersChanged,
  selectExistingProfiles,
  selectProfileStates,
  upsertProfiles,
} from './plans.ts';
import type { ProfileSettings } from './settings.ts';

export interface ProfilesToRefresh {
  /** Every profile that the batch touched: gets a row if it has none. */
  readonly touched: ReadonlySet<string>;
  /** Those whose traits may be others now. */
  readonly stale: ReadonlySet<string>;
  /** Those that no longer exist. */
  readonly vanished: ReadonlySet<string>;
}

export interface RefreshedProfiles {
  /** Their row was written. */
  readonly written: ReadonlySet<string>;
  /** Of those, the ones that had none. */
  readonly created: ReadonlySet<string>;
}

const nobody: RefreshedProfiles = { written: new Set(), created: new Set() };

export async function refreshProfiles(
  transaction: Transaction,
  { touched, stale, vanished }: ProfilesToRefresh,
  change: number,
  settings: ProfileSettings,
): Promise<RefreshedProfiles> {
  if (vanished.size > 0) await transaction.query(deleteProfiles, [[...vanished]]);
  if (touched.size === 0) return nobody;
  const existing = await loadExisting(transaction, touched, stale);
  const wanted = [...touched].filter((id) => stale.has(id) || !existing.has(id));
  if (wanted.length === 0) return nobody;
  const states = await loadStates(transaction, wanted, settings);
  const written = wanted.flatMap((id) => {
    const traits = valuesOfState(states.get(id) ?? {}, settings);
    const before = existing.get(id);
    const same = before && canonicalize(before) === canonicalize(traits);
    return same ? [] : [{ id, traits }];
  });
  if (written.length > 0) {
    await transaction.query(upsertProfiles, [
      written.map(({ id }) => id),
      written.map(({ traits }) => JSON.stringify(traits)),
      change,
    ]);
  }
  const ids = written.map(({ id }) => id);
  return { written: new Set(ids), created: new Set(ids.filter((id) => !existing.has(id))) };
}

/** Those that have a row, with its traits where these may be others now. */
async function loadExisting(
  transaction: Transaction,
  touched: ReadonlySet<string>,
  stale: ReadonlySet<string>,
): Promise<Map<string, JsonObject | null>> {
  const rows = await transaction.query<{ id: string; traits: JsonObject | null }>(
    selectExistingProfiles,
    [[...touched].filter((id) => !stale.has(id)), [...touched].filter((id) => stale.has(id))],
  );
  return new Map(rows.map((row) => [row.id, row.traits]));
}

/** The joined accumulators of each profile's subjects. */
export async function loadStates(
  queryable: Queryable,
  ids: readonly string[],
  settings: ProfileSettings,
): Promise<Map<string, TraitState>> {
  const folds = createTraitFolds<string>(settings);
  const persons = await queryable.query<{ profile_id: string; traits: TraitState }>(
    selectProfileStates,
    [ids],
  );
  for (const row of persons) folds.of(row.profile_id).join(row.traits);
  await foldDeviceTraits(queryable, ids, folds.of, settings);
  return folds.states();
}

/** Says that destinations may want to look at these profiles again. */
export async function markProfilesChanged(
  transaction: Transaction,
  ids: ReadonlySet<string>,
  change: number,
): Promise<void> {
  if (ids.size > 0) await transaction.query(markChanged, [[...ids], change]);
}

/** The same for everybody who holds one of these identifiers. */
export async function markHolders(
  transaction: Transaction,
  identifierIds: ReadonlySet<number>,
  change: number,
): Promise<void> {
  if (identifierIds.size === 0) return;
  await transaction.query(markHoldersChanged, [[...identifierIds], change]);
}
