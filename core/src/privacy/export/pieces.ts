// Everything that is known of one person, as a stream of sections and their items. No more than a page of
// it is in memory at a time.
import type { Identifier, JsonObject, JsonValue } from '@tributary/sdk';
import { readDisclosures } from '../../delivery/forget.ts';
import { evidenceOf, identifiersOf, type ProfileIdentifier } from '../../identity/explain.ts';
import { readKeptAside } from '../../intake/rewrite-log.ts';
import { readProfile } from '../../profile/read.ts';
import { decodePayload } from '../../standardise/payload-codec.ts';
import { isReduced } from '../../standardise/reduced-record.ts';
import { readerOf } from '../../store/reader.ts';
import { isoTime, type Queryable } from '../../store/store.ts';
import type { Person } from '../find-person.ts';
import { selectRequestsOf } from '../plans.ts';
import type { RequestRow } from '../requests.ts';
import { createValues } from '../values.ts';
import type { PrivacyWorld } from '../world.ts';
import * as plans from './plans.ts';

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

type Items = AsyncGenerator<JsonObject, void>;

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
    sent: () => rows(gathering, plans.selectStates, [gathering.ids]),
    actions: () => actions(gathering),
    statements: () => statements(gathering),
    events: () => events(gathering),
    quarantine: () => quarantine(gathering),
    deadLetters: () => rows(gathering, plans.selectLetters, [gathering.ids]),
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
  for (const id of person.profileIds) held.push(...(await identifiersOf(reader, id)));
  return { person, world, reader, held, ids: [...new Set(held.map(({ id }) => id))] };
}

/** Times as ISO 8601, whatever else as it is; nothing where there is nothing. */
function tell(row: object): JsonObject {
  const entries = Object.entries(row).flatMap(([name, value]): [string, JsonValue][] => {
    if (value === null || value === undefined) return [];
    const isTime = typeof value === 'number' && (name === 'at' || /(At|since|from|to)$/.test(name));
    return [[name, isTime ? timeText(value) : asJson(value)]];
  });
  return Object.fromEntries(entries);
}

function timeText(value: number): string {
  return Number.isFinite(value) ? new Date(value).toISOString() : 'always';
}

function asJson(value: unknown): JsonValue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- rows hold plain values
  return value as JsonValue;
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
    for (const { left, right, trust, at, source, number, status, rejectedBy } of await evidenceOf(
      reader,
      profileId,
    )) {
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
  for (const { hash, ...shown } of await readDisclosures(reader, hashes)) {
    yield tell({ ...shown, identifier: names.get(hash) });
  }
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

const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

interface EventRow {
  type: string;
  name: string;
  at: number;
  number: number;
  source: string;
  received_at: number;
  key_id: number;
  payload: Uint8Array;
}

function eventOf({ type, name, at, number, source, received_at, key_id, payload }: EventRow) {
  const stored = decodePayload({ keyId: key_id, bytes: payload });
  const received = isReduced(stored) ? undefined : stored;
  return tell({ at, type, name, source, receivedAt: received_at, number, received });
}

async function* statements({ held, reader }: Gathering): Items {
  const hashes = held.filter(({ kind }) => kind === 'person').map(({ hash }) => hash);
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const page = await reader.query<EventRow>(plans.selectIdentifies, [hashes, before, pageSize]);
    for (const row of page) yield eventOf(row);
    const last = page.at(-1);
    if (last === undefined) return;
    before = last.number;
  }
}

async function* events({ person, reader }: Gathering): Items {
  let before = { at: Infinity, number: Number.MAX_SAFE_INTEGER };
  for (;;) {
    const page = await reader.query<EventRow>(plans.selectEventsPage, [
      person.profileIds,
      isoTime(before.at),
      before.number,
      pageSize,
    ]);
    for (const row of page) yield eventOf(row);
    const last = page.at(-1);
    if (last === undefined) return;
    before = last;
  }
}

async function* quarantine({ person, reader, world }: Gathering): Items {
  const values = createValues(person.identifiers, world.room);
  for (let after = 0; ;) {
    const page = await readKeptAside(reader, after, pageSize);
    for (const { id, message, payload } of page) {
      const text = payload === null ? '' : new TextDecoder().decode(payload);
      if (!values.isIn(message) && !values.areInText(text)) continue;
      yield tell({ entry: id, reason: message, received: text });
    }
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

async function* requests({ person, reader }: Gathering): Items {
  const hashes = person.identifiers.map(({ hash }) => hash);
  for (const row of await reader.query<RequestRow>(selectRequestsOf, [hashes])) {
    const { id, kind, origin, state, receivedAt, dueAt, doneAt } = row;
    yield tell({ id, kind, origin, state, receivedAt, dueAt, doneAt });
  }
}
