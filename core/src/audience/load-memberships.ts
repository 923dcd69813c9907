// The memberships of a batch of profiles, and how far audiences in computation have come.
import type { Queryable } from '../store/store.ts';
import { membershipCauses } from './membership.ts';
import type { Membership, MembershipCause } from './membership.ts';
import { selectMemberships } from './plans.ts';

export interface LoadedMemberships {
  of(profileId: string): readonly Membership[];
  /** True while the audience's first computation has yet to come to this profile. */
  notReached(audience: string, profileId: string): boolean;
}

interface MembershipRow {
  profile_id: string;
  audience: string;
  since: number | null;
  cause: string | null;
}

export async function loadMemberships(
  q: Queryable,
  profileIds: readonly string[],
): Promise<LoadedMemberships> {
  const rows = await q.query<MembershipRow>(selectMemberships, [profileIds]);
  const byProfile = new Map<string, Membership[]>();
  const reached = new Map<string, string>();
  for (const { profile_id: profileId, audience, since, cause } of rows) {
    if (since === null || cause === null) {
      reached.set(audience, profileId);
      continue;
    }
    const found = byProfile.get(profileId) ?? [];
    found.push({ audience, profileId, since, cause: readCause(cause) });
    byProfile.set(profileId, found);
  }
  return {
    of: (profileId) => byProfile.get(profileId) ?? [],
    notReached: (audience, profileId) => {
      const upTo = reached.get(audience);
      return upTo !== undefined && profileId > upTo;
    },
  };
}

function readCause(text: string): MembershipCause {
  return membershipCauses.find((cause) => cause === text) ?? 'rebuild';
}
