// Many measures taken together: equal ones once, and each event looked at only by the measures
// that read its type and name.
import { selectorsFor, startMeasure } from './evaluate-measure.ts';
import { describeMeasure } from './measure-description.ts';
import type { MeasureTaking } from './evaluate-measure.ts';
import type { MeasureEvent, MeasureResult } from './measure-value.ts';
import { windowBounds } from './measure-window.ts';
import type { WindowBounds } from './measure-window.ts';
import type { EventSelector, Measure } from './measure.ts';

/** Events that some measure reads. Its place in the list is the bucket its events go into. */
export interface EventNeed {
  readonly type: EventSelector['type'];
  /** Undefined: every event of the type. */
  readonly name: string | undefined;
  /** False: nobody looks into the properties. */
  readonly properties: boolean;
}

export interface MeasureSet {
  readonly measures: readonly Measure[];
  readonly needs: readonly EventNeed[];
  /** Per measure, the buckets it reads. No event is in two of them. */
  readonly reads: readonly (readonly number[])[];
}

export interface MeasureSetBuilder {
  /** The measure's place in the set. */
  add(measure: Measure): number;
  build(): MeasureSet;
}

export function createMeasureSetBuilder(): MeasureSetBuilder {
  const measures: Measure[] = [];
  const reads: number[][] = [];
  const slots = new Map<string, number>();
  const needs = new Map<string, { place: number; need: EventNeed }>();
  const bucketOf = (type: EventSelector['type'], name: string | undefined, properties: boolean) => {
    const key = JSON.stringify([type, name]);
    const known = needs.get(key);
    const place = known?.place ?? needs.size;
    const need = { type, name, properties: properties || (known?.need.properties ?? false) };
    needs.set(key, { place, need });
    return place;
  };
  return {
    add: (measure) => {
      const key = describeMeasure(measure);
      const known = slots.get(key);
      if (known !== undefined) return known;
      slots.set(key, measures.length);
      reads.push(bucketsOf(measure, bucketOf));
      return measures.push(measure) - 1;
    },
    build: () => ({ measures, reads, needs: [...needs.values()].map(({ need }) => need) }),
  };
}

type BucketOf = (
  type: EventSelector['type'],
  name: string | undefined,
  properties: boolean,
) => number;

function bucketsOf(measure: Measure, bucketOf: BucketOf): number[] {
  const wholeTypes = new Set(
    measure.events.filter(({ name }) => name === undefined).map(({ type }) => type),
  );
  const properties = readsProperties(measure);
  const buckets = measure.events.map(({ type, name }) =>
    bucketOf(type, wholeTypes.has(type) ? undefined : name, properties),
  );
  return [...new Set(buckets)];
}

function readsProperties({ aggregate, events }: Measure): boolean {
  return (
    ('path' in aggregate && aggregate.path !== undefined) ||
    events.some(({ where }) => where.length > 0)
  );
}

/** A set seen from one moment: what depends on the time alone is worked out once. */
export interface MeasureMoment {
  readonly set: MeasureSet;
  readonly now: number;
  readonly bounds: readonly WindowBounds[];
  /** Per bucket: events at or before this time matter to nobody any more. */
  readonly since: readonly number[];
  readonly takings: readonly MeasureTaking[];
  /** Per measure, its result over no events at all. */
  readonly empty: readonly MeasureResult[];
}

export function measureMoment(set: MeasureSet, now: number): MeasureMoment {
  const bounds = set.measures.map(({ window }) => windowBounds(window, now));
  const since: number[] = set.needs.map(() => Number.POSITIVE_INFINITY);
  set.reads.forEach((buckets, slot) => {
    const after = bounds[slot]?.after ?? Number.NEGATIVE_INFINITY;
    for (const bucket of buckets) since[bucket] = Math.min(since[bucket] ?? after, after);
  });
  const takings = set.measures.map((measure, slot) =>
    startMeasure(measure, bounds[slot] ?? windowBounds(measure.window, now), now),
  );
  const empty = takings.map((taking) => taking.result());
  return { set, now, bounds, since, takings, empty };
}

/** One person's events by bucket; an absent bucket is empty. */
export type EventBuckets = readonly (readonly MeasureEvent[] | undefined)[];

export function takeMeasure(
  moment: MeasureMoment,
  slot: number,
  events: EventBuckets,
): MeasureResult | undefined {
  const measure = moment.set.measures[slot];
  const taking = moment.takings[slot];
  if (measure === undefined || taking === undefined) return undefined;
  const selectors = measure.events;
  let any = false;
  for (const bucket of moment.set.reads[slot] ?? []) {
    for (const event of events[bucket] ?? []) {
      if (!any) taking.reset();
      any = true;
      taking.offer(event, selectors.length === 1 ? selectors : selectorsFor(measure, event));
    }
  }
  return any ? taking.result() : moment.empty[slot];
}

/** Sorts a plain list of events into buckets, for callers that did not load them so. */
export function bucketEvents(set: MeasureSet, events: readonly MeasureEvent[]): EventBuckets {
  return set.needs.map(({ type, name }) =>
    events.filter((event) => event.type === type && (name === undefined || name === event.name)),
  );
}
