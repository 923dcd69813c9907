// Whom a batch made reachable elsewhere, or by another consent, though it regrouped nobody. A destination
// chooses among a person's contact points by when each was named first and by the trust of what ties
// it to her, and her consents count by that trust.
import type { Transaction } from '../store/store.ts';
import { selectOwners } from './device-plans.ts';
import { slices, type Known, type KnownIdentifier } from './known.ts';
import type { ChangedPair } from './observe.ts';

export interface ReachFacts {
  readonly known: Known;
  readonly changed: readonly ChangedPair[];
  /** Ids of identifiers that an operator decided about. */
  readonly decided: Iterable<number>;
  /** Profiles some pair of which began or ceased to count. */
  readonly reweighed: ReadonlySet<string>;
  /** Profiles that hold a shared contact point now, or by another time than before. */
  readonly holders: readonly string[];
}

export async function findReaddressed(
  transaction: Transaction,
  facts: ReachFacts,
): Promise<Set<string>> {
  const { known, changed } = facts;
  const found = new Set([...facts.reweighed, ...facts.holders]);
  const note = (profileId: string | null | undefined): void => {
    if (typeof profileId === 'string') found.add(profileId);
  };
  const aged = [...known.byHash.values()].filter(isAged);
  for (const { profileId } of aged) note(profileId);
  const owned = aged.filter(({ profileId }) => profileId === null);
  for (const profileId of await loadOwners(transaction, owned)) note(profileId);
  for (const { left, right, isOtherTrust } of changed) {
    if (!isOtherTrust) continue;
    note(left.profileId);
    note(right.profileId);
  }
  const decided = new Set(facts.decided);
  if (decided.size > 0) {
    for (const { id, profileId } of known.byHash.values()) if (decided.has(id)) note(profileId);
  }
  return found;
}

/** Older than was known. How old a shared contact point is decides nothing. */
function isAged({ identifier, isNew, firstAt, past }: KnownIdentifier): boolean {
  return identifier.kind !== 'contact' && !isNew && firstAt !== past.firstAt;
}

/** As the batch leaves them: whose they are now. */
async function loadOwners(
  transaction: Transaction,
  devices: readonly KnownIdentifier[],
): Promise<string[]> {
  const owners: string[] = [];
  for (const slice of slices(devices)) {
    const rows = await transaction.query<{ profile_id: string }>(selectOwners, [
      slice.map(({ id }) => id),
      slice.map(() => Infinity),
    ]);
    owners.push(...rows.map((row) => row.profile_id));
  }
  return owners;
}
