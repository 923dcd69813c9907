// Grants count only over evidence of declared trust or better. Where a profile rests on inference
// somewhere, only the identifiers that firm evidence ties to the one in question may grant.
import type { Queryable } from '../store/store.ts';
import { selectAnchors, selectFirmPairs, selectInferredProfiles } from './plans.ts';

const inferred = 5;

export interface FirmIdentifiers {
  /** May this identifier grant for the person, seen from the identifiers that would be reached? */
  holds(profileId: string, identifierId: number, from: readonly number[]): boolean;
}

interface PairRow {
  profile_id: string;
  left_id: number;
  right_id: number;
  trust: number;
}

export async function firmIdentifiers(
  queryable: Queryable,
  profileIds: readonly string[],
): Promise<FirmIdentifiers> {
  const rows = await queryable.query<{ profile_id: string }>(selectInferredProfiles, [profileIds]);
  if (rows.length === 0) return { holds: () => true };
  const affected = rows.map((row) => row.profile_id);
  const pairs = await queryable.query<PairRow>(selectFirmPairs, [affected]);
  const anchors = await queryable.query<{ id: number; latent_id: string }>(selectAnchors, [
    affected,
  ]);
  return fromPairs(
    new Set(affected),
    pairs,
    new Map(anchors.map((row) => [row.latent_id, row.id])),
  );
}

function fromPairs(
  affected: ReadonlySet<string>,
  pairs: readonly PairRow[],
  anchors: ReadonlyMap<string, number>,
): FirmIdentifiers {
  const roots = firmRoots(pairs);
  const known = new Set(pairs.flatMap((pair) => [pair.left_id, pair.right_id]));
  const rootOf = (id: number): number => roots.get(id) ?? id;
  return {
    holds(profileId, identifierId, from) {
      // A device that is nobody's, or a shared contact point.
      if (!affected.has(profileId) || !known.has(identifierId)) return true;
      const seen = from.filter((id) => known.has(id));
      const anchor = anchors.get(profileId);
      const origins = seen.length > 0 || anchor === undefined ? seen : [anchor];
      return origins.some((origin) => rootOf(origin) === rootOf(identifierId));
    },
  };
}

/** Union-find over the pairs that are not inferred. */
function firmRoots(pairs: readonly PairRow[]): Map<number, number> {
  const parent = new Map<number, number>();
  const find = (id: number): number => {
    let root = id;
    for (
      let next = parent.get(root);
      next !== undefined && next !== root;
      next = parent.get(root)
    ) {
      root = next;
    }
    return root;
  };
  for (const { left_id, right_id, trust } of pairs) {
    if (trust < inferred) parent.set(find(left_id), find(right_id));
  }
  return new Map([...parent.keys()].map((id) => [id, find(id)]));
}
