// Gives every identifier that a batch names its row: new ones are made, known ones learn when they
// were named first and last.
import type { DeploymentKeys } from '../standardise/keys.ts';
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import type { Sighting } from './gather.ts';
import { slices, type Known, type KnownIdentifier } from './known.ts';
import { insertIdentifiers, updateTimes } from './plans.ts';

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
  for (const slice of slices(fresh)) await insert(transaction, slice, known, keys);
  return aged.filter((identifier) => identifier.identifier.kind === 'person');
}

async function writeTimes(
  transaction: Transaction,
  moved: readonly KnownIdentifier[],
): Promise<void> {
  await transaction.query(updateTimes, [
    moved.map(({ id }) => id),
    moved.map(({ firstAt }) => isoTime(firstAt)),
    moved.map(({ lastAt }) => isoTime(lastAt)),
  ]);
}

async function insert(
  transaction: Transaction,
  fresh: readonly Sighting[],
  known: Known,
  keys: LatentKeys,
): Promise<void> {
  const latentIds = fresh.map(({ identifier }) => keys.latentId(identifier.hash));
  // Erased once, it begins again at its erasure: what was before must not show in its age.
  const firstTimes = fresh.map(
    ({ identifier, firstAt }) => known.erasedAt.get(identifier.hash) ?? firstAt,
  );
  const rows = await transaction.query<{ id: number; hash: string }>(insertIdentifiers, [
    fresh.map(({ identifier }) => identifier.hash),
    latentIds,
    fresh.map(({ identifier }) => identifier.namespace),
    fresh.map(({ identifier }) => identifier.kind),
    fresh.map(({ identifier }) => identifier.value),
    firstTimes.map(isoTime),
    fresh.map(({ lastAt }) => isoTime(lastAt)),
  ]);
  const ids = new Map(rows.map(({ id, hash }) => [hash, id]));
  for (const [place, { identifier, lastAt }] of fresh.entries()) {
    const id = ids.get(identifier.hash);
    const latentId = latentIds[place];
    const firstAt = firstTimes[place];
    if (id === undefined || latentId === undefined || firstAt === undefined) continue;
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
