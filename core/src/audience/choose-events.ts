// Which events of a profile to load for a part of a set of measures. Where only type, name and time
// matter the index of facts alone answers; properties are fetched for the few names that need them.
import type { EventNeed, MeasureMoment } from '../profile/measure-set.ts';
import { isoTime } from '../store/store.ts';
import { eventKey } from './affected.ts';

/** As `audience.select_events` reads it; names are looked for whatever the type. */
export interface EventChoice {
  /** Without properties, of all times. */
  readonly everNames: readonly string[];
  readonly everTypes: readonly string[];
  /** Without properties, after `since`. */
  readonly recentNames: readonly string[];
  readonly recentTypes: readonly string[];
  readonly since: string;
  /** With properties, in one pass over all events of a subject. */
  readonly wholeTypes: readonly string[];
  readonly wholeNames: readonly string[];
  readonly wholeSince: string;
  /** With properties, one look-up each; three lists side by side. */
  readonly richTypes: readonly string[];
  readonly richNames: readonly string[];
  readonly richSince: readonly string[];
}

/** More names than these are found faster by going over all events. */
const mostLookups = 6;

interface DatedNeed extends EventNeed {
  readonly since: number;
}

type NamedNeed = DatedNeed & { readonly name: string };

export interface ChosenEvents {
  readonly choice: EventChoice;
  /** True for events that count where they were found with their properties, and only there. */
  readonly isRich: (type: string, name: string) => boolean;
}

/** Undefined: none of the measures reads events. */
export function chooseEvents(
  { set, since }: MeasureMoment,
  slots: readonly number[],
): ChosenEvents | undefined {
  const buckets = new Set(slots.flatMap((slot) => set.reads[slot] ?? []));
  const all = [...buckets].flatMap((bucket): DatedNeed[] => {
    const need = set.needs[bucket];
    return need === undefined ? [] : [{ ...need, since: since[bucket] ?? -Infinity }];
  });
  if (all.length === 0) return undefined;
  const types = all.filter(({ name }) => name === undefined);
  const whole = types.filter(({ properties }) => properties);
  const wholeTypes = new Set<string>(whole.map(({ type }) => type));
  // The pass over such a type brings its names along.
  const named = all.filter((need): need is NamedNeed => need.name !== undefined);
  const within = named.filter(({ type }) => wholeTypes.has(type));
  const apart = named.filter(({ type }) => !wholeTypes.has(type));
  const rich = apart.filter(({ properties }) => properties);
  const looked = rich.length <= mostLookups ? rich : [];
  const passed = rich.length <= mostLookups ? [] : rich;
  const plain = [...apart, ...types].filter(({ properties }) => !properties);
  const ever = plain.filter((need) => need.since === -Infinity);
  const recent = plain.filter((need) => need.since !== -Infinity);
  // An event of a looked-up name that a whole type counts too is taken from the look-up.
  const sinceOf = (need: NamedNeed): number =>
    earliest([need, ...types.filter(({ type }) => type === need.type)]);
  const richKeys = new Set(rich.map(({ type, name }) => eventKey(type, name)));
  const isRich = (type: string, name: string): boolean =>
    wholeTypes.has(type) || richKeys.has(eventKey(type, name));
  const choice: EventChoice = {
    everNames: namesOf(ever),
    everTypes: typesOf(ever),
    recentNames: namesOf(recent),
    recentTypes: typesOf(recent),
    since: isoTime(earliest(recent)),
    wholeTypes: [...wholeTypes],
    wholeNames: namesOf(passed),
    wholeSince: isoTime(earliest([...whole, ...within, ...passed, ...typesBehind(passed, types)])),
    richTypes: looked.map(({ type }) => type),
    richNames: looked.map(({ name }) => name),
    richSince: looked.map((need) => isoTime(sinceOf(need))),
  };
  return { choice, isRich };
}

function typesBehind(named: readonly NamedNeed[], types: readonly DatedNeed[]): DatedNeed[] {
  return types.filter(({ type }) => named.some((need) => need.type === type));
}

function namesOf(needs: readonly DatedNeed[]): string[] {
  return needs.flatMap(({ name }) => name ?? []);
}

function typesOf(needs: readonly DatedNeed[]): string[] {
  return needs.flatMap(({ type, name }) => (name === undefined ? [type] : []));
}

function earliest(needs: readonly DatedNeed[]): number {
  return Math.min(...needs.map(({ since }) => since));
}
