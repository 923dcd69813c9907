// Gives every identifier that a batch names its row: known ones learn when they were named first and
// last; new ones get an id now and are written once the batch has settled whose they are.
import type { DeploymentKeys } from '../standardise/keys.ts';
import type { Transaction } from '../store/store.ts';
import type { LoginEvidence } from './evidence.ts';
import type { Sighting } from './gather.ts';
import { indexedSlice, slices, type Known, type KnownIdentifier } from './known.ts';
import { insertIdentifiers, takeIds, updateTimes } from './plans.ts';

export type LatentKeys = Pick<DeploymentKeys, 'latentId'>;

/** Answers with the identifiers that are older than was known, and are not their profile's anchor. */
export async function internIdentifiers(
  transaction: Transaction,
  sightings: ReadonlyMap<string, Sighting>,
  known: Known,
  keys: LatentKeys,
): Promise<KnownIdentifier[]> {
  const fresh: Sighting[] = [];
  const moved: KnownIdentifier[] = [];
  const aged: KnownIdentifier[] = [];
  for (const [hash, sighting] of sightings) {
    const identifier = known.byHash.get(hash);
    if (identifier === undefined) {
      fresh.push(sighting);
      continue;
    }
    const isOlder = sighting.firstAt < identifier.firstAt && !known.erasedAt.has(hash);
    if (isOlder) identifier.firstAt = sighting.firstAt;
    if (isOlder && identifier.profileId !== identifier.latentId) aged.push(identifier);
    if (isOlder || sighting.lastAt > identifier.lastAt) moved.push(identifier);
    identifier.lastAt = Math.max(identifier.lastAt, sighting.lastAt);
  }
  for (const slice of slices(moved)) await writeTimes(transaction, slice);
  await giveIds(transaction, fresh, known, keys);
  return aged.filter((identifier) => identifier.identifier.kind === 'person');
}

async function writeTimes(
  transaction: Transaction,
  moved: readonly KnownIdentifier[],
): Promise<void> {
  await transaction.query(updateTimes, [
    moved.map(({ id }) => id),
    moved.map(({ firstAt }) => firstAt),
    moved.map(({ lastAt }) => lastAt),
  ]);
}

async function giveIds(
  transaction: Transaction,
  fresh: readonly Sighting[],
  known: Known,
  keys: LatentKeys,
): Promise<void> {
  if (fresh.length === 0) return;
  const ids = await transaction.query<{ id: number }>(takeIds, [fresh.length]);
  for (const [place, { identifier, firstAt: seenAt, lastAt }] of fresh.entries()) {
    const id = ids[place]?.id;
    if (id === undefined) throw new Error('IDENTITY_IDS_SHORT: fewer ids than were asked for');
    const latentId = keys.latentId(identifier.hash);
    // Erased once, it begins again at its erasure: what was before must not show in its age.
    const firstAt = known.erasedAt.get(identifier.hash) ?? seenAt;
    known.byHash.set(identifier.hash, {
      id,
      identifier,
      latentId,
      firstAt,
      lastAt,
      component: id,
      profileId: identifier.kind === 'contact' ? null : latentId,
      isNew: true,
      past: { firstAt, lastAt },
    });
  }
}

/** Writes the rows of new identifiers, once it is settled whose they are. */
export async function insertNew(
  transaction: Transaction,
  known: Known,
  logins: readonly LoginEvidence[],
): Promise<void> {
  const owned = new Set(logins.map(({ device }) => device.hash));
  const fresh = [...known.byHash.values()].filter(({ isNew }) => isNew);
  for (const slice of slices(fresh, indexedSlice)) {
    await transaction.query(insertIdentifiers, [
      slice.map(({ id }) => id),
      slice.map(({ identifier }) => identifier.hash),
      slice.map(({ latentId }) => latentId),
      slice.map(({ identifier }) => identifier.namespace),
      slice.map(({ identifier }) => identifier.kind),
      slice.map(({ identifier }) => identifier.value),
      slice.map(({ firstAt }) => firstAt),
      slice.map(({ lastAt }) => lastAt),
      slice.map(({ component }) => component),
      slice.map(({ identifier, profileId }) => (owned.has(identifier.hash) ? null : profileId)),
    ]);
  }
}
