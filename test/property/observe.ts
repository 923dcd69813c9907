// Reads a hub's state, over its published views and readers, into the form in which the oracle foretells
// it: profiles by the identifier they are named after, everything else by name.
import type { JsonObject } from '@tributary/sdk';
import { createConsentReader, type ConsentSubject } from '../../core/src/consent/read.ts';
import { dynamicStatement, type Queryable, type Store } from '../../core/src/store/store.ts';
import type { Line } from '../support/line.ts';
import { nextTestKeys, testKeys } from '../support/settings.ts';
import { momentsOf, type Look, type Outcome } from './oracle.ts';
import { channels, everyName, namespaces, purposes } from './vocabulary.ts';
import type { World } from './world.ts';

/** Whichever key the store was under when somebody was first heard of. */
const anchors: ReadonlyMap<string, string> = new Map(
  [testKeys, nextTestKeys].flatMap((keys) =>
    everyName.map((name): [string, string] => {
      const split = name.indexOf(':');
      const hash = keys.identifierHash(name.slice(0, split), name.slice(split + 1));
      return [keys.latentId(hash), name];
    }),
  ),
);

/** The identifier that a profile is named after. */
export function anchorOf(profileId: string): string {
  return anchors.get(profileId) ?? `unknown ${profileId}`;
}

const name = (alias: string): string => `${alias}.namespace || ':' || ${alias}.value`;

const selectHolders = dynamicStatement(
  'test.holders',
  `SELECT ps.profile_id, i.id, ${name('i')} AS name, i.kind, ps.from_at, ps.to_at
   FROM profile_subject ps JOIN identifier i ON i.id = ps.subject_id`,
);
const selectRejected = dynamicStatement(
  'test.rejected',
  `SELECT ${name('l')} AS one, ${name('r')} AS other, e.rejected_by AS reason
   FROM evidence e JOIN identifier l ON l.id = e.left_id JOIN identifier r ON r.id = e.right_id
   WHERE e.rejected_by IS NOT NULL`,
);
const selectProfiles = dynamicStatement(
  'test.profiles',
  'SELECT id, traits, computed FROM profile',
);
const selectContacts = dynamicStatement(
  'test.contacts',
  `SELECT DISTINCT ps.profile_id, i.id, ${name('i')} AS name
   FROM contact c JOIN identifier i ON i.id = c.identifier_id
   JOIN profile_subject ps ON ps.subject_id = c.subject_id AND c.at >= ps.from_at AND c.at < ps.to_at`,
);
const selectMembers = dynamicStatement(
  'test.members',
  'SELECT audience, profile_id FROM membership',
);

interface Holder {
  profile_id: string;
  id: number;
  name: string;
  kind: string;
  from_at: number;
  to_at: number;
}
interface ProfileRow {
  id: string;
  traits: JsonObject;
  computed: JsonObject;
}

/** All but the looks. */
export async function observePeople(store: Store, world: World): Promise<Omit<Outcome, 'looks'>> {
  return store.transaction('background', async (q) => {
    const holders = await q.query<Holder>(selectHolders);
    const profiles = await q.query<ProfileRow>(selectProfiles);
    const rejected = await q.query<{ one: string; other: string; reason: string }>(selectRejected);
    return {
      people: peopleOf(holders),
      rejected: rejected
        .map(({ one, other, reason }) => `${sortedByNamespace(one, other)} ${reason}`)
        .sort(),
      owners: ownersOf(holders, momentsOf(world)),
      traits: Object.fromEntries(profiles.map((row) => [anchorOf(row.id), row.traits])),
    };
  });
}

/** Persons with their identifiers, and devices that nobody ever logged in on. */
function peopleOf(holders: readonly Holder[]): Record<string, string[]> {
  const people: Record<string, string[]> = {};
  for (const { profile_id, name: held, kind, from_at, to_at } of holders) {
    const lone = anchorOf(profile_id) === held && from_at === -Infinity && to_at === Infinity;
    if (kind === 'person' || lone) (people[anchorOf(profile_id)] ??= []).push(held);
  }
  for (const names of Object.values(people)) names.sort();
  return people;
}

function sortedByNamespace(one: string, other: string): string {
  const key = (found: string): string => found.replace(':', '\u0000');
  return (key(one) < key(other) ? [one, other] : [other, one]).join(' ');
}

function ownersOf(holders: readonly Holder[], moments: readonly number[]): Record<string, string> {
  const owners: Record<string, string> = {};
  for (const { profile_id, name: held, kind, from_at, to_at } of holders) {
    if (kind !== 'device') continue;
    for (const at of moments) {
      if (from_at <= at && at < to_at) owners[`${held} ${at}`] = anchorOf(profile_id);
    }
  }
  return owners;
}

/** What the hub shows once its clock is there. */
export async function observeLook(
  line: Line,
  store: Store,
  world: World,
  at: number,
): Promise<Look> {
  return store.transaction('background', async (q) => {
    const profiles = await q.query<ProfileRow>(selectProfiles);
    const rows = await q.query<{ audience: string; profile_id: string }>(selectMembers);
    const members = Object.fromEntries(
      world.audiences.map((audience) => [
        audience.name,
        rows
          .filter((row) => row.audience === audience.name)
          .map((row) => anchorOf(row.profile_id))
          .sort(),
      ]),
    );
    const computed = Object.fromEntries(profiles.map((row) => [anchorOf(row.id), row.computed]));
    return { at, computed, members, decisions: await observeDecisions(line, q, at) };
  });
}

interface Asked extends ConsentSubject {
  readonly key: string;
}

async function observeDecisions(
  line: Line,
  q: Queryable,
  at: number,
): Promise<Record<string, string>> {
  const { consent, identity } = line.room.settings;
  const reader = createConsentReader(consent, identity);
  const asked = await askable(q, at);
  const decisions: Record<string, string> = {};
  for (const purpose of purposes) {
    for (const channel of channels) {
      const found = await reader.decide(q, asked, [purpose], channel, at);
      for (const [place, { granted, nextChangeAt }] of found.entries()) {
        const key = `${asked[place]?.key}|${purpose}|${channel}`;
        decisions[key] = `${granted ? 'granted' : 'refused'} ${nextChangeAt}`;
      }
    }
  }
  return decisions;
}

/** Each profile as such, its contact points, the shared ones it holds, and the devices it owns now. */
async function askable(q: Queryable, at: number): Promise<Asked[]> {
  const holders = await q.query<Holder>(selectHolders);
  const contacts = await q.query<Pick<Holder, 'profile_id' | 'id' | 'name'>>(selectContacts);
  const points = new Set(
    namespaces.filter((space) => space.contactPoint).map((space) => space.name),
  );
  const reached = holders.filter(
    (holder) =>
      points.has(holder.name.slice(0, holder.name.indexOf(':'))) ||
      (holder.kind === 'device' && holder.from_at <= at && at < holder.to_at),
  );
  const profileIds = new Set(holders.map((holder) => holder.profile_id));
  return [
    ...[...profileIds].map((id) => ({ profileId: id, identifierIds: [], key: `${anchorOf(id)}|` })),
    ...[...reached, ...contacts].map((holder) => ({
      profileId: holder.profile_id,
      identifierIds: [holder.id],
      key: `${anchorOf(holder.profile_id)}|${holder.name}`,
    })),
  ];
}
