// Loads what rules read of a batch of profiles: three statements, whatever the number of rules.
import { isJsonObject } from '@tributary/sdk';
import type { JsonObject } from '@tributary/sdk';
import { measureMoment } from '../profile/measure-set.ts';
import type { EventBuckets, MeasureMoment, MeasureSet } from '../profile/measure-set.ts';
import type { MeasureEvent } from '../profile/measure-value.ts';
import { isoTime } from '../store/store.ts';
import type { Queryable, Statement } from '../store/store.ts';
import type { AudienceSet } from './audience-set.ts';
import { measuredPerson, personWithResults } from './evaluate-rule.ts';
import { measureInStore } from './measure-in-store.ts';
import type { MeasuredPerson } from './person.ts';
import { selectEvents, selectHolders } from './plans.ts';

export interface LoadedProfile {
  readonly id: string;
  readonly person: MeasuredPerson;
  readonly computed: JsonObject;
  readonly checkAt: number | null;
}

/** Events that one statement loads per profile, for all profiles together. */
const eventsPerProfile = 1_000;
/** Profiles with more events than this are measured by the database. */
const eventsInMemory = 5_000;
/** Profiles with more events than `eventsPerProfile` are loaded so many at a time. */
const largeProfilesAtOnce = 20;

export async function loadPeople(
  q: Queryable,
  set: AudienceSet,
  ids: readonly string[],
  now: number,
): Promise<LoadedProfile[]> {
  const moment = measureMoment(set.measures, now);
  const [holders, events] = await Promise.all([
    q.query<HolderRow>(selectHolders, [ids, set.readsIdentifiers]),
    loadEvents(q, moment, ids, eventsPerProfile),
  ]);
  const large = [...events].filter(([, found]) => found === 'too many').map(([id]) => id);
  const heavy = await loadLargeProfiles(q, moment, large, events);
  const results = await measureInStore(q, set.measures.measures, heavy, now);
  return holders.map((row) => {
    const holder = { traits: row.traits, namespaces: new Set(row.namespaces ?? []) };
    const taken = results.get(row.id);
    const found = events.get(row.id);
    const person =
      taken === undefined
        ? measuredPerson(moment, holder, found === 'too many' ? [] : (found ?? []))
        : personWithResults(holder, taken);
    return { id: row.id, person, computed: row.computed, checkAt: row.check_at };
  });
}

interface HolderRow {
  id: string;
  traits: JsonObject;
  computed: JsonObject;
  check_at: number | null;
  namespaces: string[] | null;
}

type FoundEvents = Map<string, EventBuckets | 'too many'>;

/** @returns those that are too large for memory even on their own. */
async function loadLargeProfiles(
  q: Queryable,
  moment: MeasureMoment,
  ids: readonly string[],
  events: FoundEvents,
): Promise<string[]> {
  const heavy: string[] = [];
  for (let start = 0; start < ids.length; start += largeProfilesAtOnce) {
    const some = ids.slice(start, start + largeProfilesAtOnce);
    const found = await loadEvents(q, moment, some, eventsInMemory);
    for (const id of some) {
      const loaded = found.get(id) ?? [];
      if (loaded === 'too many') heavy.push(id);
      else events.set(id, loaded);
    }
  }
  return heavy;
}

type EventRow = readonly [
  type: string,
  name: string,
  at: number,
  messageHash: string,
  properties: unknown,
];

async function loadEvents(
  q: Queryable,
  moment: MeasureMoment,
  ids: readonly string[],
  most: number,
): Promise<FoundEvents> {
  const { needs } = moment.set;
  if (needs.length === 0 || ids.length === 0) return new Map();
  const [plan, parameters] = eventQuestion(moment);
  const rows = await q.query<{ id: string; events: EventRow[] }>(plan, [
    ids,
    ...parameters,
    most + 1,
  ]);
  const buckets = bucketFinder(moment.set);
  return new Map(
    rows.map(({ id, events }) => [id, events.length > most ? 'too many' : sort(buckets, events)]),
  );
}

/** Names that are read over all times, names that are read since some moment, and whole types. */
function eventQuestion({ set, since }: MeasureMoment): [Statement, unknown[]] {
  const all = set.needs.map((need, bucket) => ({ ...need, since: since[bucket] ?? -Infinity }));
  const named = all.flatMap((need) =>
    need.name === undefined ? [] : [{ ...need, name: need.name }],
  );
  const ever = named.filter((need) => need.since === -Infinity);
  const recent = named.filter((need) => need.since !== -Infinity);
  const types = all.filter((need) => need.name === undefined);
  const names = (needs: readonly { name: string }[]) => needs.map(({ name }) => name);
  const earliest = (needs: readonly { since: number }[]) =>
    isoTime(Math.min(...needs.map((need) => need.since)));
  const typesOf = (needs: readonly { type: string }[]) => [
    ...new Set(needs.map(({ type }) => type)),
  ];
  const groups = { ever: ever.length > 0, recent: recent.length > 0, types: types.length > 0 };
  return [
    selectEvents(groups),
    [
      names(ever),
      names(recent),
      earliest([...recent, ...types]),
      typesOf(types),
      earliest(types),
      typesOf(all),
      names(named.filter(({ properties }) => properties)),
    ],
  ];
}

type BucketFinder = (type: string, name: string) => number | undefined;

/** A measure never reads both a type's own bucket and that of one of its names. */
function bucketFinder({ needs }: MeasureSet): { named: BucketFinder; whole: BucketFinder } {
  const places = new Map(needs.map(({ type, name }, bucket) => [bucketKey(type, name), bucket]));
  return {
    named: (type, name) => places.get(bucketKey(type, name)),
    whole: (type) => places.get(bucketKey(type, undefined)),
  };
}

function bucketKey(type: string, name: string | undefined): string {
  return name === undefined ? type : `${type} ${name}`;
}

function sort(finder: ReturnType<typeof bucketFinder>, rows: readonly EventRow[]): EventBuckets {
  const buckets: MeasureEvent[][] = [];
  for (const [type, name, at, messageHash, properties] of rows) {
    const event: MeasureEvent = {
      type,
      name,
      at,
      messageHash,
      properties: isJsonObject(properties) ? properties : {},
    };
    const [named, whole] = [finder.named(type, name), finder.whole(type, name)];
    if (whole !== undefined) (buckets[whole] ??= []).push(event);
    if (named !== undefined) (buckets[named] ??= []).push(event);
  }
  return buckets;
}
