// Look-ups: from an identifier or a profile id to the profile as it is now.
import type { Queryable } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import {
  insertHandedOut,
  selectByHash,
  selectByLatentId,
  selectDeviceOwner,
  selectHolders,
  selectSuccessors,
} from './read-plans.ts';

export type Finding =
  | { readonly kind: 'none' }
  | { readonly kind: 'profile'; readonly profileId: string }
  /** A device: its owner now, who has had it since. */
  | { readonly kind: 'device'; readonly profileId: string; readonly since: number }
  /** A shared contact point: it identifies nobody; all who named it, up to `mostHolders`. */
  | { readonly kind: 'contact'; readonly profileIds: readonly string[] }
  /** An id that stood for identifiers which are several people now. */
  | { readonly kind: 'ambiguous'; readonly profileIds: readonly string[] };

const none: Finding = { kind: 'none' };
export const mostHolders = 1_000;

interface IdentifierRow {
  id: number;
  kind: 'person' | 'device' | 'contact';
  profile_id: string | null;
}

export async function findByIdentifier(queryable: Queryable, hash: string): Promise<Finding> {
  const [row] = await queryable.query<IdentifierRow>(selectByHash, [hash]);
  return row === undefined ? none : findByRow(queryable, row);
}

/**
 * The profile that now holds what the id stands for. An id that was handed out stands for the
 * identifiers it had then; any other latent id for its own identifier.
 */
export async function findById(queryable: Queryable, profileId: string): Promise<Finding> {
  const successors = await queryable.query<{ profile_id: string }>(selectSuccessors, [profileId]);
  const [first, ...others] = successors.map((row) => row.profile_id);
  if (first !== undefined && others.length > 0) {
    return { kind: 'ambiguous', profileIds: [first, ...others] };
  }
  if (first !== undefined) return { kind: 'profile', profileId: first };
  const [row] = await queryable.query<IdentifierRow>(selectByLatentId, [profileId]);
  return row === undefined || row.kind === 'contact' ? none : findByRow(queryable, row);
}

async function findByRow(queryable: Queryable, row: IdentifierRow): Promise<Finding> {
  if (row.kind === 'contact') {
    const holders = await queryable.query<{ profile_id: string }>(selectHolders, [
      row.id,
      mostHolders,
    ]);
    return { kind: 'contact', profileIds: holders.map((holder) => holder.profile_id) };
  }
  if (row.profile_id !== null) return { kind: 'profile', profileId: row.profile_id };
  const [owner] = await queryable.query<{ profile_id: string; since: number }>(selectDeviceOwner, [
    row.id,
  ]);
  if (owner === undefined) return none;
  return { kind: 'device', profileId: owner.profile_id, since: owner.since };
}

/** Remembers what the ids stand for at this moment: call it where they leave the hub. */
export async function rememberHandedOut(
  queryable: Queryable,
  profileIds: readonly string[],
  at: number,
): Promise<void> {
  if (profileIds.length === 0) return;
  await queryable.query(insertHandedOut, [profileIds, isoTime(at)]);
}
