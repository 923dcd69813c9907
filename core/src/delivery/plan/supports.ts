// Who stands behind a contact point now: the profiles that hold it, the audiences they are in, and
// whether they may be reached there. Planning and the gate read through this same door, so that
// what is planned and what is let through never differ by rule, only by moment.
import type { JsonObject } from '@tributary/sdk';
import type { JointDecision, PurposeBasis } from '../../consent/read.ts';
import type { Queryable } from '../../store/store.ts';
import type { InstanceWorld } from '../world.ts';
import { loadContacts, type ContactIdentifier } from './contacts.ts';
import { selectHolders, selectMemberships, selectTraits } from './plans.ts';
import { loadStops, type StopFinding } from './stops.ts';

export interface Membership {
  readonly since: number;
  readonly cause: string;
}

/** One profile that can be reached at one contact point. */
export interface Support {
  readonly identifier: ContactIdentifier;
  readonly profileId: string;
  readonly memberships: ReadonlyMap<string, Membership>;
  /** Only the traits that config maps somewhere. */
  readonly traits: JsonObject;
  readonly consent: SupportConsent;
  /** Everything a stop of which concerns this delivery. */
  readonly hashes: readonly string[];
}

/** Where memberships and traits are read: as they are, or as another config would make them. */
export interface SupportReads {
  memberships(
    queryable: Queryable,
    profileIds: readonly string[],
    audiences: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, Membership>>>;
  /** Of these names; computed ones too. */
  traits(
    queryable: Queryable,
    profileIds: readonly string[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, JsonObject>>;
}

export interface SupportConsent {
  readonly granted: boolean;
  /** The contact point itself was denied, whoever holds it. */
  readonly forbidden: boolean;
  /** A stop on another address of the person: not to be sent before it is resolved. */
  readonly unresolved: boolean;
  readonly reason: string;
  /** Where it is granted: what each purpose rests on. */
  readonly bases: readonly PurposeBasis[];
}

/** The audiences whose members this instance is told of. */
export function audiencesOf(world: InstanceWorld): string[] {
  const { audiences, profiles, actions } = world.settings;
  const names = [...audiences, ...actions].map((entry) => entry.audience);
  if (profiles?.audience !== undefined) names.push(profiles.audience);
  return [...new Set(names)];
}

const noTraits = Promise.resolve(new Map<string, JsonObject>());

export async function loadSupports(
  world: InstanceWorld,
  queryable: Queryable,
  identifierIds: readonly number[],
  reads: SupportReads = asTheyAre,
): Promise<Support[]> {
  if (identifierIds.length === 0) return [];
  const holders = await queryable.query<{ profileId: string }>(selectHolders, [identifierIds]);
  const profileIds = holders.map((row) => row.profileId);
  const asked = new Set(identifierIds);
  const contacts = await loadContacts(queryable, profileIds, {
    namespaces: world.destination.plugin.identifiers,
    contactPoints: world.settings.contactPoints,
    primary: world.profile.primary,
  });
  const held = contacts.filter((contact) => asked.has(contact.id));
  if (held.length === 0) return [];
  const names = traitsOf(world);
  const [memberships, traits] = await Promise.all([
    reads.memberships(queryable, profileIds, audiencesOf(world)),
    names.length === 0 ? noTraits : reads.traits(queryable, profileIds, names),
  ]);
  // The moment is taken now, not when this work was begun: it may have waited for its turn, and who
  // is seen to have entered since must not be taken for somebody whose consent lies in the future.
  const now = world.clock.now();
  // Stops before entries: resolve turns the one into the other in one transaction, so that in this
  // order a denial is always seen as at least one of them.
  const stops = await loadStops(world, queryable, held);
  const decisions = await decide(world, queryable, held, now);
  return held.map((identifier, place) => {
    const { profileId } = identifier;
    const stop = stops[place];
    return {
      identifier,
      profileId,
      memberships: memberships.get(profileId) ?? new Map(),
      traits: traits.get(profileId) ?? {},
      consent: consentOf(decisions[place], stop, identifier.id),
      hashes: stop?.hashes ?? [identifier.hash],
    };
  });
}

async function decide(
  world: InstanceWorld,
  queryable: Queryable,
  held: readonly { readonly id: number; readonly profileId: string }[],
  now: number,
): Promise<JointDecision[]> {
  const { settings, destination, consent } = world;
  const subjects = held.map(({ id, profileId }) => ({ profileId, identifierIds: [id] }));
  return consent.decide(queryable, subjects, settings.purposes, destination.plugin.channel, now);
}

/** A missing answer means no. */
function consentOf(
  decision: JointDecision | undefined,
  stop: StopFinding | undefined,
  identifierId: number,
): SupportConsent {
  const unresolved = stop?.elsewhere ?? true;
  if (stop === undefined || stop.own || stop.person) {
    const forbidden = stop?.own ?? true;
    return { granted: false, forbidden, unresolved, reason: 'stopped', bases: [] };
  }
  if (decision === undefined) {
    return { granted: false, forbidden: true, unresolved, reason: 'no_entry', bases: [] };
  }
  const { granted, reason, entry, bases } = decision;
  const denied = !granted && entry !== undefined && reason !== 'expired';
  const forbidden = denied && entry.identifierId === identifierId;
  return { granted, forbidden, unresolved, reason, bases };
}

export const asTheyAre: SupportReads = { memberships: loadMemberships, traits: loadTraits };

async function loadMemberships(
  queryable: Queryable,
  profileIds: readonly string[],
  audiences: readonly string[],
): Promise<Map<string, Map<string, Membership>>> {
  const rows = await queryable.query<Membership & { audience: string; profileId: string }>(
    selectMemberships,
    [profileIds, audiences],
  );
  const byProfile = new Map<string, Map<string, Membership>>();
  for (const { profileId, audience, since, cause } of rows) {
    const known = byProfile.get(profileId) ?? new Map<string, Membership>();
    known.set(audience, { since, cause });
    byProfile.set(profileId, known);
  }
  return byProfile;
}

/** The traits of ours that config maps somewhere. */
function traitsOf({ settings: { audiences, profiles, actions } }: InstanceWorld): string[] {
  const maps = [...audiences, ...actions, ...(profiles === undefined ? [] : [profiles])];
  return [...new Set(maps.flatMap((entry) => [...entry.traits.values()]))];
}

async function loadTraits(
  queryable: Queryable,
  profileIds: readonly string[],
  names: readonly string[],
): Promise<Map<string, JsonObject>> {
  const rows = await queryable.query<{ id: string; traits: JsonObject }>(selectTraits, [
    profileIds,
    names,
  ]);
  return new Map(rows.map((row) => [row.id, row.traits]));
}

/** Vendor field → our trait, as config maps them; what the person has no value for is left out. */
export function mapTraits(mapping: ReadonlyMap<string, string>, traits: JsonObject): JsonObject {
  const entries = [...mapping].flatMap(([field, name]) => {
    const value = Object.hasOwn(traits, name) ? traits[name] : undefined;
    return value === undefined ? [] : [[field, value] as const];
  });
  return Object.fromEntries(entries);
}
