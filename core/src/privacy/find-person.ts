// Whom a request is about: from any identifiers, or from a profile id that is not ambiguous, to all the
// identifiers that make the person up.
import type { Identifier } from '@tributary/sdk';
import { findById, findByIdentifier, type Finding } from '../identity/find.ts';
import { standardIdentifier } from '../standardise/identifiers.ts';
import type { StandardIdentifier } from '../standardise/standard-record.ts';
import type { Queryable } from '../store/store.ts';
import { selectOwners, selectPerson } from './plans.ts';
import type { PrivacyWorld } from './world.ts';

export interface PersonQuestion {
  readonly identifiers: readonly Identifier[];
  readonly profileId?: string | undefined;
}

/** An identifier of hers, normalised. A type, so that rows can be read as it. */
export type PersonIdentifier = {
  readonly namespace: string;
  readonly value: string;
  readonly hash: string;
};

export interface Person {
  /** Several where what was asked for is not joined. */
  readonly profileIds: readonly string[];
  readonly identifiers: readonly PersonIdentifier[];
}

export type FoundPerson =
  | { readonly kind: 'person'; readonly person: Person }
  /** What was named stands, or stood, for several people: ask by something that is hers alone. */
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] }
  /** No identifier that could be anybody's. */
  | { readonly kind: 'unknown' };

export async function findPerson(
  queryable: Queryable,
  question: PersonQuestion,
  { room }: Pick<PrivacyWorld, 'room'>,
): Promise<FoundPerson> {
  const named = question.identifiers.flatMap(({ namespace, value }) => {
    const found = standardIdentifier(namespace, value, room.settings.identity, room.keys);
    return found === undefined ? [] : [found];
  });
  const profileIds = new Set<string>();
  const own: PersonIdentifier[] = [];
  for (const identifier of named) {
    const holders = await holdersOf(queryable, identifier);
    if (holders.length > 1) return { kind: 'ambiguous', candidates: holders };
    for (const id of holders) profileIds.add(id);
    const isNobodys = identifier.kind === 'contact' && holders.length > 0;
    if (!isNobodys) own.push(plain(identifier));
  }
  if (question.profileId !== undefined) {
    const holders = idsOf(await findById(queryable, question.profileId));
    if (holders.length > 1) return { kind: 'ambiguous', candidates: holders };
    for (const id of holders) profileIds.add(id);
  }
  if (own.length === 0 && profileIds.size === 0) return { kind: 'unknown' };
  const ids = [...profileIds];
  const rows = await queryable.query<PersonIdentifier>(selectPerson, [ids]);
  const all = new Map([...own, ...rows].map((identifier) => [identifier.hash, identifier]));
  return { kind: 'person', person: { profileIds: ids, identifiers: [...all.values()] } };
}

/** A device's owners at any time: who it is now says nothing of whose it was. */
async function holdersOf(queryable: Queryable, identifier: StandardIdentifier): Promise<string[]> {
  if (identifier.kind !== 'device')
    return idsOf(await findByIdentifier(queryable, identifier.hash));
  const owners = await queryable.query<{ profile_id: string }>(selectOwners, [identifier.hash]);
  if (owners.length > 0) return owners.map((row) => row.profile_id);
  return idsOf(await findByIdentifier(queryable, identifier.hash));
}

function idsOf(finding: Finding): string[] {
  switch (finding.kind) {
    case 'none':
      return [];
    case 'profile':
    case 'device':
      return [finding.profileId];
    case 'contact':
    case 'ambiguous':
      return [...finding.profileIds];
  }
}

function plain({ namespace, value, hash }: StandardIdentifier): PersonIdentifier {
  return { namespace, value, hash };
}
