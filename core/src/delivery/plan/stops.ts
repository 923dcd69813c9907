// Denials that intake has accepted and resolve has not yet turned into consent entries, as they
// concern a delivery.
import type { Queryable } from '../../store/store.ts';
import type { InstanceWorld } from '../world.ts';
import { selectPersonHashes } from './plans.ts';

export interface StopFinding {
  /** Of the contact point itself. */
  readonly own: boolean;
  /** Of an identifier that stands for the person as such. */
  readonly person: boolean;
  /** Of another address of the person: it may concern that address only. */
  readonly elsewhere: boolean;
  readonly hashes: readonly string[];
}

interface PersonHash {
  readonly profileId: string;
  readonly hash: string;
  readonly namespace: string;
}

/** One finding per contact, in order. */
export async function loadStops(
  world: InstanceWorld,
  queryable: Queryable,
  contacts: readonly { readonly profileId: string; readonly hash: string }[],
): Promise<StopFinding[]> {
  const profileIds = [...new Set(contacts.map((contact) => contact.profileId))];
  const persons = await loadPersonHashes(queryable, profileIds);
  const hashes = [...persons.values()].flat().map((row) => row.hash);
  const asked = [...new Set([...hashes, ...contacts.map((contact) => contact.hash)])];
  const { purposes } = world.settings;
  const { channel } = world.destination.plugin;
  const stopped = await world.stopped(queryable, asked, purposes, channel);
  return contacts.map(({ profileId, hash }) => {
    const own = persons.get(profileId) ?? [];
    const others = own.filter((row) => row.hash !== hash && stopped.has(row.hash));
    const isAddress = (row: PersonHash): boolean =>
      world.identity.namespaces.get(row.namespace)?.contactPoint ?? false;
    return {
      own: stopped.has(hash),
      person: others.some((row) => !isAddress(row)),
      elsewhere: others.some(isAddress),
      hashes: [hash, ...own.map((row) => row.hash)],
    };
  });
}

export async function loadPersonHashes(
  queryable: Queryable,
  profileIds: readonly string[],
): Promise<Map<string, PersonHash[]>> {
  const rows = await queryable.query<PersonHash>(selectPersonHashes, [profileIds]);
  return Map.groupBy(rows, (row) => row.profileId);
}
