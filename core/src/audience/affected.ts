// Which audiences and computed traits a record may have altered, so that the others are not looked at:
// those that read its events or traits, and those that name one of these.
import type { EventSelector } from '../profile/measure.ts';
import type { RuleReferences } from './rule-references.ts';

/** What a batch said of one profile whose identifiers stayed as they were. */
export interface Touch {
  /** Keys of events, see `eventKey`. */
  readonly events: ReadonlySet<string>;
  /** Names of traits that were set. */
  readonly traits: ReadonlySet<string>;
  /** True where a record named more than its subject: she may hold another contact point now. */
  readonly identifiers: boolean;
}

export function eventKey(type: string, name: string): string {
  return `${type} ${name}`;
}

/** What one audience or computed trait needs, by places and slots of the set that it is part of. */
export interface Part extends RuleReferences {
  readonly slots: readonly number[];
  /** Places of the audiences that it names. */
  readonly names: readonly number[];
}

/** A part of a set, as much as has to be evaluated. */
export interface Selection {
  /** Places of the audiences to evaluate, in order: the affected ones and those that they name. */
  readonly places: readonly number[];
  /** Of these, the affected ones. */
  readonly decided: readonly number[];
  /** Places of computed traits. */
  readonly computed: readonly number[];
  /** Slots of the measures that may be asked for. */
  readonly slots: readonly number[];
}

export interface Parts {
  readonly audiences: readonly Part[];
  readonly computed: readonly Part[];
}

/** Choices are few, since batches say the same few things: this many are remembered. */
const remembered = 1_000;

export function createSelector(parts: Parts): (touch: Touch) => Selection {
  const known = new Map<string, Selection>();
  return (touch) => {
    const key = keyOf(touch);
    const found = known.get(key) ?? selectAffected(parts, touch);
    if (known.size >= remembered) known.clear();
    known.set(key, found);
    return found;
  };
}

export function selectEverything({ audiences, computed }: Parts): Selection {
  const places = [...audiences.keys()];
  return describe({ audiences, computed }, places, places, [...computed.keys()]);
}

function selectAffected(parts: Parts, touch: Touch): Selection {
  const affected = new Set<number>();
  for (const [place, part] of parts.audiences.entries()) {
    if (reads(part, touch) || part.names.some((name) => affected.has(name))) affected.add(place);
  }
  const needed = new Set(affected);
  for (let place = parts.audiences.length - 1; place >= 0; place -= 1) {
    if (needed.has(place)) parts.audiences[place]?.names.forEach((name) => needed.add(name));
  }
  const computed = [...parts.computed.keys()].filter((place) => {
    const part = parts.computed[place];
    return part !== undefined && reads(part, touch);
  });
  const inOrder = [...needed].sort((left, right) => left - right);
  return describe(parts, inOrder, [...affected], computed);
}

function describe(
  parts: Parts,
  places: readonly number[],
  decided: readonly number[],
  computed: readonly number[],
): Selection {
  const slots = new Set([
    ...places.flatMap((place) => parts.audiences[place]?.slots ?? []),
    ...computed.flatMap((place) => parts.computed[place]?.slots ?? []),
  ]);
  return { places, decided, computed, slots: [...slots] };
}

function reads(part: Part, touch: Touch): boolean {
  return (
    (touch.identifiers && part.identifiers) ||
    part.traits.some((name) => touch.traits.has(name)) ||
    part.events.some((selector) => isAmong(selector, touch.events))
  );
}

function isAmong({ type, name }: EventSelector, events: ReadonlySet<string>): boolean {
  if (name !== undefined) return events.has(eventKey(type, name));
  for (const key of events) if (key.startsWith(`${type} `)) return true;
  return false;
}

function keyOf({ events, traits, identifiers }: Touch): string {
  return JSON.stringify([[...events].sort(), [...traits].sort(), identifiers]);
}
