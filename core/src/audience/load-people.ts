// Loads what rules read of a batch of profiles: three statements, whatever the number of rules.
import { isJsonObject } from '@tributary/sdk';
import type { JsonObject } from '@tributary/sdk';
import { measureMoment } from '../profile/measure-set.ts';
import type { EventBuckets, MeasureMoment, MeasureSet } from '../profile/measure-set.ts';
import type { MeasureEvent } from '../profile/measure-value.ts';
import { isoTime } from '../store/store.ts';
import type { Queryable } from '../store/store.ts';
import type { AudienceSet } from './audience-set.ts';
import { measuredPerson, personWithResults } from './evaluate-rule.ts';
import { measureInStore } from './measure-in-store.ts';
import type { MeasuredPerson } from './person.ts';
import { selectEvents, selectEventsOfTypes, selectHolders } from './plans.ts';

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
  bucket: number,
  at: number,
  messageHash: string,
  name: string | null,
  properties: unknown,
];

async function loadEvents(
  q: Queryable,
  { set, since }: MeasureMoment,
  ids: readonly string[],
  most: number,
): Promise<FoundEvents> {
  const { needs } = set;
  if (needs.length === 0 || ids.length === 0) return new Map();
  const plan = needs.some(({ name }) => name === undefined) ? selectEventsOfTypes : selectEvents;
  const rows = await q.query<{ id: string; events: EventRow[] }>(plan, [
    ids,
    needs.map((_, bucket) => bucket),
    needs.map(({ type }) => type),
    needs.map(({ name }) => name ?? null),
    since.map(isoTime),
    needs.map(({ properties }) => properties),
    most + 1,
  ]);
  return new Map(
    rows.map(({ id, events }) => [id, events.length > most ? 'too many' : toBuckets(set, events)]),
  );
}

function toBuckets({ needs }: MeasureSet, rows: readonly EventRow[]): EventBuckets {
  const buckets: MeasureEvent[][] = [];
  for (const [bucket, at, messageHash, name, properties] of rows) {
    const need = needs[bucket];
    if (need === undefined) continue;
    (buckets[bucket] ??= []).push({
      type: need.type,
      name: need.name ?? name ?? '',
      at,
      messageHash,
      properties: isJsonObject(properties) ? properties : {},
    });
  }
  return buckets;
}
