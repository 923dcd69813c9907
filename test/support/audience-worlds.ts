// Small worlds of people and events, made at random: few names, values and times, so that ties,
// edges of windows and near misses are common.
import type { JsonObject, JsonValue } from '@tributary/sdk';
import fc from 'fast-check';
import type { AudienceEngineOptions } from '../../core/src/audience/engine.ts';
import type { AudiencesSettings } from '../../core/src/audience/rule.ts';
import type { RuleInput } from '../../core/src/audience/person.ts';
import type { MeasureEvent } from '../../core/src/profile/measure-value.ts';
import type { Measure } from '../../core/src/profile/measure.ts';
import { dynamicStatement, isoTime } from '../../core/src/store/store.ts';
import type { Queryable } from '../../core/src/store/store.ts';

export const hour = 3_600_000;
export const day = 24 * hour;
/** Noon before clocks go forward in Berlin, and not far from it in New York. */
export const origin: number = Date.UTC(2024, 2, 30, 12);

export interface World {
  /** Person subjects are numbered from 1, in order of their profiles; devices from 101. */
  readonly profiles: readonly WorldProfile[];
  readonly devices: readonly WorldDevice[];
  readonly facts: readonly WorldFact[];
}

export interface WorldProfile {
  readonly traits: JsonObject;
  readonly subjects: 1 | 2;
  readonly namespace: string;
  readonly contact: boolean;
}

/** Changes hands at `until` from one profile to the next; without owners it is a profile's own. */
export interface WorldDevice {
  readonly owners: readonly number[];
  readonly until: number;
}

export interface WorldFact {
  readonly subject: number;
  readonly type: 'track' | 'page' | 'screen';
  readonly name: string;
  readonly at: number;
  readonly properties: JsonObject;
}

// Values ------------------------------------------------------------------------------------------

export const numbers = [
  0,
  -0,
  0.1,
  0.2,
  0.3,
  1,
  3,
  10,
  -2.5,
  1e-7,
  1e21,
  123456789.123,
  5e-324,
  2 ** 53,
];
export const texts = ['', 'a', 'ab', 'b', '1', 'Ä', 'ä', '𝄞', '\uffff', '_%', 'true', "'", '\\'];
export const spans = [1, 1_000, hour, 12 * hour, day, 7 * day];

export const instant = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.integer({ min: -10, max: 4 }).map((steps) => origin + steps * 6 * hour),
  },
  { weight: 1, arbitrary: fc.integer({ min: -3 * day, max: day }).map((ms) => origin + ms) },
);

/** Forms of a time, and texts that only look like one. */
const timeText = fc.oneof(
  instant.map((at) => new Date(at).toISOString()),
  instant.map((at) => new Date(at + 2 * hour).toISOString().replace('Z', '+02:00')),
  instant.map((at) => `${new Date(at).toISOString().slice(0, 16)}Z`),
  instant.map((at) => new Date(at).toISOString().replace('Z', '999Z')),
  fc.constantFrom(
    '2024-02-30T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2023-02-29T10:00Z',
    '2024-02-29T10:00-05:30',
    '2024-03-30',
    '2024-03-30 12:00:00Z',
    '2024-03-30T12:00:00',
    '2024-03-30t12:00:00z',
    '0000-01-01T00:00:00Z',
    '2024-03-30T24:00:00Z',
    '2024-03-30T12:00:00+15:30',
    '2024-03-30T12:00:00Z\n',
    'now',
    'infinity',
  ),
);

/** The first half of the time: measures of nothing show little. */
export function often<Value>(first: Value, ...others: readonly Value[]): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: others.length + 1, arbitrary: fc.constant(first) },
    { weight: others.length, arbitrary: fc.constantFrom(...others) },
  );
}

export const scalar: fc.Arbitrary<string | number | boolean> = fc.oneof(
  fc.constantFrom(...numbers),
  fc.constantFrom(...texts),
  fc.boolean(),
);
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 3, arbitrary: scalar },
  { weight: 4, arbitrary: fc.constantFrom(...numbers) },
  { weight: 4, arbitrary: timeText },
  { weight: 1, arbitrary: fc.array(fc.oneof(scalar, fc.constant([1])), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const document: fc.Arbitrary<JsonObject> = fc
  .record(
    { a: value, b: fc.oneof(value, fc.record({ c: value })), __proto__: fc.constant(1) },
    { requiredKeys: ['a'] },
  )
  .map((entries) => ({ ...entries }));
export const path = often(['a'], ['b'], ['b', 'c'], ['a', '0'], ['constructor']);

// Worlds ------------------------------------------------------------------------------------------

const fact = (subjects: readonly number[]): fc.Arbitrary<WorldFact> =>
  fc.record({
    subject: fc.constantFrom(...subjects),
    type: often<'track' | 'page' | 'screen'>('track', 'page', 'screen'),
    name: often('Added', 'Ordered', '*', 'Ä'),
    at: instant,
    properties: document,
  });

export const world: fc.Arbitrary<World> = fc
  .record({
    profiles: fc.array(
      fc.record({
        traits: document,
        subjects: fc.constantFrom<1 | 2>(1, 2),
        namespace: fc.constantFrom('email', 'user_id'),
        contact: fc.boolean(),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    devices: fc.array(
      fc.record({
        owners: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
        until: instant,
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ profiles, devices }) => ({
    profiles,
    devices: devices.map((device) => ({
      ...device,
      owners: device.owners.map((owner) => owner % profiles.length),
    })),
  }))
  .chain((people) =>
    fc
      .array(fact(subjectsOf(people)), { maxLength: 30, size: 'max' })
      .map((facts) => ({ ...people, facts })),
  );

type People = Pick<World, 'profiles' | 'devices'>;

function subjectsOf({ profiles, devices }: People): number[] {
  const persons = profiles.flatMap((profile, place) => personsOf(profile, place));
  return [...persons, ...devices.map((_, place) => 101 + place)];
}

function personsOf(profile: WorldProfile, place: number): number[] {
  return profile.subjects === 1 ? [2 * place + 1] : [2 * place + 1, 2 * place + 2];
}

/** Profiles of the world: people first, then devices without an owner. */
export function profileIds({ profiles, devices }: People): string[] {
  const lone = devices.flatMap((device, place) =>
    device.owners.length === 0 ? [100 + place] : [],
  );
  return [...profiles.keys(), ...lone].map(profileId);
}

export function profileId(place: number): string {
  return `${String(place * 37 + 10).padStart(8, '0')}-0000-4000-8000-000000000000`;
}

function messageHash(place: number): string {
  const scattered = (place * 7_919) % 1_000;
  return `${String(scattered).padStart(8, '0')}-0000-4000-8000-${String(place).padStart(12, '0')}`;
}

interface Span {
  readonly subject: number;
  readonly from: number;
  readonly to: number;
}

function spansOf({ profiles, devices }: People, id: string): Span[] {
  const persons = profiles.flatMap((profile, place) =>
    profileId(place) === id ? personsOf(profile, place).map(always) : [],
  );
  const owned = devices.flatMap((device, place) => deviceSpans(device, place, id));
  return [...persons, ...owned];
}

function always(subject: number): Span {
  return { subject, from: -Infinity, to: Infinity };
}

function deviceSpans({ owners, until }: WorldDevice, place: number, id: string): Span[] {
  const subject = 101 + place;
  const [first, second] = owners;
  if (first === undefined) return profileId(100 + place) === id ? [always(subject)] : [];
  const to = second === undefined ? Infinity : until;
  return [
    ...(profileId(first) === id ? [{ subject, from: -Infinity, to }] : []),
    ...(second !== undefined && profileId(second) === id
      ? [{ subject, from: until, to: Infinity }]
      : []),
  ];
}

/** What a rule sees of a profile once the facts at these places are there; from the world alone. */
export function inputOf(
  world: World,
  id: string,
  arrived: readonly number[] = [...world.facts.keys()],
): RuleInput {
  const held = spansOf(world, id);
  const place = world.profiles.findIndex((_, index) => profileId(index) === id);
  const profile = world.profiles[place];
  const namespaces = [
    ...(profile ? [profile.namespace] : []),
    ...(profile?.contact === true ? ['phone'] : []),
    ...(held.some(({ subject, to }) => subject > 100 && to === Infinity) ? ['anonymous_id'] : []),
  ];
  const events = world.facts.flatMap(({ subject, ...event }, index): MeasureEvent[] =>
    arrived.includes(index) &&
    held.some((span) => span.subject === subject && span.from <= event.at && event.at < span.to)
      ? [{ ...event, messageHash: messageHash(index) }]
      : [],
  );
  return { traits: profile?.traits ?? {}, namespaces: new Set(namespaces), events };
}

/** Takes a world out again; cheaper than truncation, which syncs a file per table. */
export async function clearWorld(q: Queryable): Promise<void> {
  await q.query(
    dynamicStatement(
      'test.clear',
      `WITH a AS (DELETE FROM identifier), b AS (DELETE FROM device_span), c AS (DELETE FROM contact),
         d AS (DELETE FROM fact), e AS (DELETE FROM membership), f AS (DELETE FROM audience),
         g AS (DELETE FROM computed_definition)
       DELETE FROM profile`,
    ),
  );
}

/** Writes people without their facts. */
export async function writePeople(q: Queryable, world: World): Promise<void> {
  const rows: { id: number; namespace: string; profile: string | null }[] = [];
  for (const [place, profile] of world.profiles.entries()) {
    for (const id of personsOf(profile, place)) {
      rows.push({ id, namespace: profile.namespace, profile: profileId(place) });
    }
  }
  for (const [place, { owners }] of world.devices.entries()) {
    const profile = owners.length === 0 ? profileId(100 + place) : null;
    rows.push({ id: 101 + place, namespace: 'anonymous_id', profile });
  }
  rows.push({ id: 999, namespace: 'phone', profile: null });
  const hash = (id: number): string => `${String(id).padStart(8, '0')}-1111-4111-8111-111111111111`;
  await q.query(
    dynamicStatement(
      'test.identifiers',
      `INSERT INTO identifier (id, hash, latent_id, namespace, kind, value, first_at, last_at, component, profile_id)
       OVERRIDING SYSTEM VALUE
       SELECT id, hash, hash, namespace, 'person', id::text, '2024-01-01Z', '2024-01-01Z', id, profile_id
       FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::uuid[]) AS u(id, hash, namespace, profile_id)`,
    ),
    [
      rows.map(({ id }) => id),
      rows.map(({ id }) => hash(id)),
      rows.map(({ namespace }) => namespace),
      rows.map(({ profile }) => profile),
    ],
  );
  const held = world.devices.flatMap(({ owners: [first, second], until }, place) => {
    if (first === undefined) return [];
    const device = 101 + place;
    const middle = second === undefined ? Infinity : until;
    return [
      { device, from: -Infinity, to: middle, person: 2 * first + 1 },
      ...(second === undefined
        ? []
        : [{ device, from: until, to: Infinity, person: 2 * second + 1 }]),
    ];
  });
  await q.query(
    dynamicStatement(
      'test.spans',
      `INSERT INTO device_span (device_id, from_at, to_at, person_id)
       SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::bigint[])`,
    ),
    [
      held.map(({ device }) => device),
      held.map(({ from }) => isoTime(from)),
      held.map(({ to }) => isoTime(to)),
      held.map(({ person }) => person),
    ],
  );
  const contacts = world.profiles.flatMap(({ contact }, place) => (contact ? [2 * place + 1] : []));
  await q.query(
    dynamicStatement(
      'test.contacts',
      `INSERT INTO contact (identifier_id, subject_id, at)
       SELECT 999, id, '2024-01-01Z' FROM unnest($1::bigint[]) AS u(id)`,
    ),
    [contacts],
  );
  const ids = profileIds(world);
  await q.query(
    dynamicStatement(
      'test.profiles',
      `INSERT INTO profile (id, traits, computed, changed)
       SELECT id, traits, '{}', 0 FROM unnest($1::uuid[], $2::jsonb[]) AS u(id, traits)`,
    ),
    [ids, ids.map((id) => JSON.stringify(inputOf(world, id).traits))],
  );
}

/** Writes the facts at these places of the world's list. */
export async function writeFacts(
  q: Queryable,
  world: World,
  places: readonly number[] = [...world.facts.keys()],
): Promise<void> {
  const rows = places.flatMap((place) => {
    const found = world.facts[place];
    return found === undefined ? [] : [{ ...found, place }];
  });
  await q.query(
    dynamicStatement(
      'test.facts',
      `INSERT INTO fact (subject_id, type, name, at, number, message_hash, source, properties)
       SELECT u.subject, u.type, u.name, u.at, u.place, u.hash, 'test', u.properties
       FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::uuid[], $7::jsonb[])
         AS u(subject, type, name, at, place, hash, properties)`,
    ),
    [
      rows.map(({ subject }) => subject),
      rows.map(({ type }) => type),
      rows.map(({ name }) => name),
      rows.map(({ at }) => isoTime(at)),
      rows.map(({ place }) => place),
      rows.map(({ place }) => messageHash(place)),
      rows.map(({ properties }) => JSON.stringify(properties)),
    ],
  );
}

// Hub ---------------------------------------------------------------------------------------------

/** The part of a config that audiences read. */
export function audienceConfig(
  audiences: AudiencesSettings,
  computed: ReadonlyMap<string, Measure> = new Map(),
): AudienceEngineOptions['config'] {
  const traits = [...computed].map(([name, taken]) => [name, { name, measure: taken }] as const);
  return {
    audiences,
    profile: { traits: new Map(), computed: new Map(traits), primary: new Map() },
  };
}

export async function takeChange(q: Queryable): Promise<number> {
  const [row] = await q.query<{ last: number }>(
    dynamicStatement('test.change', 'UPDATE change_head SET last = last + 1 RETURNING last'),
  );
  return row?.last ?? 0;
}

/** Every moment at which something in this world may turn, and those right before and after. */
export function edges({ facts, profiles, devices }: World): number[] {
  const documents = [
    ...facts.map(({ properties }) => properties),
    ...profiles.map(({ traits }) => traits),
  ];
  const texts = documents.flatMap((found) => JSON.stringify(found).match(/"\d{4}-[^"]*"/g) ?? []);
  const times = texts.map((text) => Date.parse(JSON.parse(text) as string));
  const at = [...facts.map((found) => found.at), ...times, ...devices.map(({ until }) => until)];
  const lengths = [0, ...spans, ...spans.flatMap((length) => [length + 1, length + hour]), hour];
  const turns = at.flatMap((start) => lengths.map((length) => start + length));
  const midnights = Array.from({ length: 14 }, (_, place) => origin + (place - 7) * day).flatMap(
    (noon) => [4, 5, 12, 18.5, 22, 23].map((hours) => noon - 12 * hour + hours * hour),
  );
  return [...new Set([...turns, ...midnights].flatMap((turn) => [turn - 1, turn, turn + 1]))]
    .filter(Number.isFinite)
    .sort((left, right) => left - right);
}
