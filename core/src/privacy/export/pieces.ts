// Everything that is known of one person, as a stream of sections and their items. No more than a page of
// it is in memory at a time.
import type { Identifier, JsonObject } from '@tributary/sdk';
import { readBasesOf, readDisclosures } from '../../delivery/forget.ts';
import { eachEvidenceOf, eachIdentifierOf } from '../../identity/explain-pages.ts';
import type { ProfileIdentifier } from '../../identity/explain.ts';
import { readProfile } from '../../profile/read.ts';
import { readerOf } from '../../store/reader.ts';
import { isoTime, type Queryable } from '../../store/store.ts';
import { cut } from '../cut.ts';
import type { Person } from '../find-person.ts';
import { selectRequestsOf } from '../plans.ts';
import type { RequestRow } from '../requests.ts';
import type { PrivacyWorld } from '../world.ts';
import { eachEvent, eachStatement } from './events.ts';
import { eachKeptAside } from './kept-aside.ts';
import * as plans from './plans.ts';
import { tell, type Items } from './tell.ts';

export const sectionNames = [
  'identifiers',
  'evidence',
  'traits',
  'computed',
  'consents',
  'audiences',
  'destinations',
  'sent',
  'actions',
  'statements',
  'events',
  'quarantine',
  'deadLetters',
  'requests',
] as const;
export type SectionName = (typeof sectionNames)[number];

export type Piece =
  | { readonly kind: 'section'; readonly name: SectionName }
  | { readonly kind: 'item'; readonly item: JsonObject };

const pageSize = 500;

export async function* piecesOf(person: Person, world: PrivacyWorld): AsyncGenerator<Piece, void> {
  const gathering = await gather(person, world);
  const readers: Readonly<Record<SectionName, () => Items>> = {
    identifiers: () => identifiers(gathering),
    evidence: () => evidence(gathering),
    traits: () => traits(gathering),
    computed: () => computed(gathering),
    consents: () => consents(gathering),
    audiences: () => rows(gathering, plans.selectAudiences, [person.profileIds]),
    destinations: () => destinations(gathering),
    sent: () => states(gathering),
    actions: () => actions(gathering),
    statements: () => eachStatement(gathering.reader, namedHashes(gathering)),
    events: () => eachEvent(gathering.reader, ownOf(gathering)),
    quarantine: () => eachKeptAside(gathering.reader, person.identifiers, world.room),
    deadLetters: () => letters(gathering),
    requests: () => requests(gathering),
  };
  for (const name of sectionNames) {
    yield { kind: 'section', name };
    for await (const item of readers[name]()) yield { kind: 'item', item };
  }
}

interface Gathering {
  readonly person: Person;
  readonly world: PrivacyWorld;
  readonly reader: Queryable;
  readonly held: readonly ProfileIdentifier[];
  readonly ids: readonly number[];
}

async function gather(person: Person, world: PrivacyWorld): Promise<Gathering> {
  const reader = readerOf(world.store);
  const held: ProfileIdentifier[] = [];
  for (const id of person.profileIds) {
    for await (const identifier of eachIdentifierOf(reader, id)) held.push(identifier);
  }
  return { person, world, reader, held, ids: [...new Set(held.map(({ id }) => id))] };
}

async function* rows(
  { reader }: Gathering,
  statement: Parameters<Queryable['query']>[0],
  parameters: readonly unknown[],
): Items {
  for (const row of await reader.query(statement, parameters)) yield tell(row);
}

async function* identifiers({ held }: Gathering): Items {
  for (const { namespace, value, kind, firstAt, lastAt, from, to } of held) {
    yield tell({ namespace, value, kind, firstAt, lastAt, from, to });
  }
}

async function* evidence({ person, reader }: Gathering): Items {
  for (const profileId of person.profileIds) {
    for await (const found of eachEvidenceOf(reader, profileId)) {
      const { left, right, trust, at, source, number, status, rejectedBy } = found;
      const pair = { left: named(left), right: named(right) };
      yield tell({ ...pair, trust, at, source, record: number, status, rejectedBy });
    }
  }
}

function named({ namespace, value }: Identifier): string {
  return `${namespace}:${value}`;
}

async function* traits({ person, reader, world }: Gathering): Items {
  for (const profileId of person.profileIds) {
    const profile = await readProfile(reader, profileId, world.room.settings.profile);
    for (const [name, { value, from }] of profile?.traits ?? []) {
      yield tell({ name, value, source: from.s, at: from.t, record: from.n });
    }
  }
}

async function* computed({ person, reader, world }: Gathering): Items {
  for (const profileId of person.profileIds) {
    const profile = await readProfile(reader, profileId, world.room.settings.profile);
    for (const [name, value] of Object.entries(profile?.computed ?? {}))
      yield tell({ name, value });
  }
}

interface ConsentRow {
  number: number;
  id: number;
  place: number;
}

async function* consents({ person, reader }: Gathering): Items {
  for (let last: ConsentRow = { number: -1, id: -1, place: -1 }; ;) {
    const page = await reader.query<ConsentRow>(plans.selectConsents, [
      person.profileIds,
      last.number,
      last.id,
      last.place,
      pageSize,
    ]);
    for (const { id: _id, place: _place, number, ...entry } of page) {
      yield tell({ ...entry, record: number });
    }
    const end = page.at(-1);
    if (end === undefined) return;
    last = end;
  }
}

async function* destinations({ person, reader }: Gathering): Items {
  const hashes = person.identifiers.map(({ hash }) => hash);
  const names = new Map(person.identifiers.map((one) => [one.hash, named(one)]));
  for (const part of cut(hashes, pageSize)) {
    const bases = Map.groupBy(await readBasesOf(reader, part), disclosureKey);
    for (const disclosure of await readDisclosures(reader, part)) {
      const { hash, ...shown } = disclosure;
      const allowed = (bases.get(disclosureKey(disclosure)) ?? []).map(
        ({ purpose, basis, firstAt, lastAt }) => tell({ purpose, basis, firstAt, lastAt }),
      );
      yield tell({ ...shown, identifier: names.get(hash), bases: allowed });
    }
  }
}

function disclosureKey({
  instance,
  scope,
  hash,
}: {
  readonly instance: string;
  readonly scope: string;
  readonly hash: string;
}): string {
  return JSON.stringify([instance, scope, hash]);
}

interface StateRow {
  instance: string;
  keyHash: string;
  list: string;
}

async function* states({ ids, reader }: Gathering): Items {
  for (let last: StateRow = { instance: '', keyHash: firstId, list: '' }; ;) {
    const page = await reader.query<StateRow>(plans.selectStates, [
      ids,
      last.instance,
      last.keyHash,
      last.list,
      pageSize,
    ]);
    for (const { keyHash: _key, ...state } of page) yield tell(state);
    const end = page.at(-1);
    if (end === undefined) return;
    last = end;
  }
}

async function* letters({ ids, reader }: Gathering): Items {
  for (let after = 0; ;) {
    const page = await reader.query<{ id: number }>(plans.selectLetters, [ids, after, pageSize]);
    for (const { id: _id, ...letter } of page) yield tell(letter);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

/** A shared contact point has no facts of hers. */
function ownOf({ held }: Gathering): ProfileIdentifier[] {
  return held.filter(({ kind }) => kind !== 'contact');
}

function namedHashes({ held }: Gathering): string[] {
  return held.filter(({ kind }) => kind === 'person').map(({ hash }) => hash);
}

interface ActionRow {
  id: string;
  plannedAt: number;
}

async function* actions({ ids, reader }: Gathering): Items {
  let last: ActionRow = { id: lastId, plannedAt: Infinity };
  for (;;) {
    const page = await reader.query<ActionRow>(plans.selectActions, [
      ids,
      isoTime(last.plannedAt),
      last.id,
      pageSize,
    ]);
    for (const action of page) yield tell(action);
    const end = page.at(-1);
    if (end === undefined) return;
    last = end;
  }
}

const firstId = '00000000-0000-0000-0000-000000000000';
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

async function* requests({ person, reader }: Gathering): Items {
  const hashes = person.identifiers.map(({ hash }) => hash);
  for (const row of await reader.query<RequestRow>(selectRequestsOf, [hashes])) {
    const { id, kind, origin, state, receivedAt, dueAt, doneAt } = row;
    yield tell({ id, kind, origin, state, receivedAt, dueAt, doneAt });
  }
}
