// Loads what rules read of a batch of profiles: three statements, whatever the number of rules.
import { isJsonObject } from '@tributary/sdk';
import type { JsonObject } from '@tributary/sdk';
import { measureMoment } from '../profile/measure-set.ts';
import type { EventBuckets, MeasureMoment, MeasureSet } from '../profile/measure-set.ts';
import type { MeasureEvent } from '../profile/measure-value.ts';
import type { Queryable } from '../store/store.ts';
import { eventKey } from './affected.ts';
import type { Selection } from './affected.ts';
import type { AudienceSet } from './audience-set.ts';
import { chooseEvents } from './choose-events.ts';
import type { ChosenEvents } from './choose-events.ts';
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

/** A profile, and what of it will be asked for. */
export interface Asked {
  readonly id: string;
  readonly selection: Selection;
}

export async function loadPeople(
  q: Queryable,
  set: AudienceSet,
  asked: readonly Asked[],
  now: number,
): Promise<LoadedProfile[]> {
  const moment = measureMoment(set.measures, now);
  const ids = asked.map(({ id }) => id);
  const [holders, events] = await Promise.all([
    q.query<HolderRow>(selectHolders, [ids, set.readsIdentifiers]),
    loadEvents(q, moment, asked, eventsPerProfile),
  ]);
  const large = asked.filter(({ id }) => events.get(id) === 'too many');
  const heavy = await loadLargeProfiles(q, moment, large, events);
  const slots = distinct(heavy.flatMap(({ selection }) => selection.slots));
  const heavyIds = heavy.map(({ id }) => id);
  const results = await measureInStore(q, set.measures.measures, slots, heavyIds, now);
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

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
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
  asked: readonly Asked[],
  events: FoundEvents,
): Promise<Asked[]> {
  const heavy: Asked[] = [];
  for (let start = 0; start < asked.length; start += largeProfilesAtOnce) {
    const some = asked.slice(start, start + largeProfilesAtOnce);
    const found = await loadEvents(q, moment, some, eventsInMemory);
    for (const one of some) {
      const loaded = found.get(one.id) ?? [];
      if (loaded === 'too many') heavy.push(one);
      else events.set(one.id, loaded);
    }
  }
  return heavy;
}

/** The last two are missing where nobody reads properties. */
type EventRow = readonly [
  type: string,
  name: string,
  at: number,
  messageHash?: string,
  properties?: unknown,
];

async function loadEvents(
  q: Queryable,
  moment: MeasureMoment,
  asked: readonly Asked[],
  most: number,
): Promise<FoundEvents> {
  const choices = new Map<Selection, { place: number; chosen: ChosenEvents | undefined }>();
  const wanted: { id: string; place: number; chosen: ChosenEvents }[] = [];
  for (const { id, selection } of asked) {
    const known = choices.get(selection) ?? {
      place: choices.size,
      chosen: chooseEvents(moment, selection.slots),
    };
    choices.set(selection, known);
    const { place, chosen } = known;
    if (chosen !== undefined) wanted.push({ id, place, chosen });
  }
  if (wanted.length === 0) return new Map();
  const rows = await q.query<{ id: string; events: EventRow[] }>(selectEvents, [
    wanted.map(({ id }) => id),
    wanted.map(({ place }) => place),
    JSON.stringify(
      [...choices.values()].map(({ place, chosen }) => ({ place, ...chosen?.choice })),
    ),
    most + 1,
  ]);
  const finder = bucketFinder(moment.set);
  const chosenOf = new Map(wanted.map(({ id, chosen }) => [id, chosen]));
  return new Map(
    rows.map(({ id, events }) => [
      id,
      events.length > most ? 'too many' : sort(finder, chosenOf.get(id), events),
    ]),
  );
}

type BucketFinder = (type: string, name: string) => number | undefined;

/** A measure never reads both a type's own bucket and that of one of its names. */
function bucketFinder({ needs }: MeasureSet): { named: BucketFinder; whole: BucketFinder } {
  const places = new Map(
    needs.map(({ type, name }, bucket) => [
      name === undefined ? type : eventKey(type, name),
      bucket,
    ]),
  );
  return {
    named: (type, name) => places.get(eventKey(type, name)),
    whole: (type) => places.get(type),
  };
}

function sort(
  finder: ReturnType<typeof bucketFinder>,
  chosen: ChosenEvents | undefined,
  rows: readonly EventRow[],
): EventBuckets {
  const buckets: MeasureEvent[][] = [];
  for (const row of rows) {
    const [type, name, at, messageHash = '', properties] = row;
    // Found both with and without its properties, it counts once.
    if (chosen?.isRich(type, name) !== row.length > 3) continue;
    const event: MeasureEvent = {
      type,
      name,
      at,
      messageHash,
      properties: isJsonObject(properties) ? properties : noProperties,
    };
    const [named, whole] = [finder.named(type, name), finder.whole(type, name)];
    if (whole !== undefined) (buckets[whole] ??= []).push(event);
    if (named !== undefined) (buckets[named] ??= []).push(event);
  }
  return buckets;
}

const noProperties: JsonObject = {};
