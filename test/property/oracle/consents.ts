// May this person be reached, naively: every entry of every record is held against the question.
import { gpcDenies, sources } from '../vocabulary.ts';
import type { WorldConsent } from '../world.ts';
import { findContacts } from './contacts.ts';
import type { People } from './people.ts';
import {
  everyDevice,
  isContactPoint,
  isDevice,
  isErased,
  type Stated,
  type Statement,
} from './statements.ts';

export interface Question {
  readonly anchor: string;
  /** What would be reached: a contact point or a device; undefined: the person as such. */
  readonly name: string | undefined;
  readonly purpose: string;
  readonly channel: string;
}

export interface Decision {
  readonly granted: boolean;
  /** The earliest end of an entry that counts; Infinity: none ends. */
  readonly until: number;
}

/** One statement about one name. */
export interface Entry {
  readonly name: string;
  readonly at: number;
  readonly trust: number;
  readonly ownDeviceOnly: boolean;
  readonly change: WorldConsent;
}

export function findEntries(stated: Stated): Entry[] {
  return stated.statements.flatMap((statement) =>
    changesOf(statement).flatMap((change) =>
      entriesOf(statement, change).filter(({ name, at }) => !isErased(stated, name, at)),
    ),
  );
}

function changesOf({ record }: Statement): WorldConsent[] {
  const denied = { channel: undefined, status: 'denied' as const, expiresAt: undefined };
  const signal = record.gpc ? gpcDenies.map((purpose) => ({ purpose, ...denied })) : [];
  return [...record.consents, ...signal];
}

/** A client may say no for anybody, and yes for its device, unless it is a place of consent. */
function entriesOf(statement: Statement, change: WorldConsent): Entry[] {
  const { record, at, trust, names, contacts } = statement;
  const believed = record.origin === 'server' || sources[record.source].authenticatedConsent;
  const ownDeviceOnly = change.status === 'granted' && !believed;
  const covered = ownDeviceOnly ? names.filter(isDevice) : [...names, ...contacts];
  return covered.map((name) => ({ name, at, trust, ownDeviceOnly, change }));
}

/** Everything that could be asked of everybody at a moment. */
export function askable(
  stated: Stated,
  people: People,
  now: number,
): Omit<Question, 'purpose' | 'channel'>[] {
  const contacts = findContacts(stated, people);
  const devices = everyDevice(stated);
  return [...people.profiles].flatMap(([anchor, members]) => [
    { anchor, name: undefined },
    ...[...members].filter(isContactPoint).map((name) => ({ anchor, name })),
    ...contacts
      .filter((held) => held.anchor === anchor)
      .map((held) => ({ anchor, name: held.contact })),
    ...devices
      .filter((name) => people.profileOf(name, now) === anchor)
      .map((name) => ({ anchor, name })),
  ]);
}

export function decide(
  entries: readonly Entry[],
  people: People,
  question: Question,
  now: number,
): Decision {
  const counting = entries.filter((entry) => concerns(entry, people, question, now));
  const newest = counting.filter((entry) =>
    counting.every((other) => other.name !== entry.name || !isNewer(other, entry)),
  );
  const live = newest.filter(({ change }) => (change.expiresAt ?? Infinity) > now);
  const denied = live.some(({ change }) => change.status !== 'granted');
  const granted = live.some((entry) => mayGrant(entry, people, question));
  const until = Math.min(...live.map(({ change }) => change.expiresAt ?? Infinity));
  return { granted: granted && !denied, until };
}

function concerns(entry: Entry, people: People, question: Question, now: number): boolean {
  const { change, name, at } = entry;
  if (change.purpose !== question.purpose || at > now) return false;
  if (change.channel !== undefined && change.channel !== question.channel) return false;
  // Nobody's consent is inferred.
  if (change.status === 'granted' && entry.trust === 5) return false;
  if (name !== question.name && people.profileOf(name, at) !== question.anchor) return false;
  // A device's entry is its owner's at its time, also where the question is about the device.
  if (isDevice(name) && people.profileOf(name, at) !== question.anchor) return false;
  return !isContactPoint(name) || question.name === undefined || name === question.name;
}

function isNewer(left: Entry, right: Entry): boolean {
  if (left.at !== right.at) return left.at > right.at;
  if (strictness(left) !== strictness(right)) return strictness(left) > strictness(right);
  const [one, other] = [left.change.expiresAt ?? Infinity, right.change.expiresAt ?? Infinity];
  return left.change.status === 'granted' ? one < other : one > other;
}

function strictness({ change, ownDeviceOnly }: Entry): number {
  if (change.status !== 'granted') return 2;
  return ownDeviceOnly ? 1 : 0;
}

/** Only over evidence that somebody stated: a guess ties nobody's yes to another address. */
function mayGrant(entry: Entry, people: People, { anchor, name }: Question): boolean {
  if (entry.change.status !== 'granted') return false;
  if (entry.name === name) return true;
  if (entry.ownDeviceOnly) return false;
  const from = name !== undefined && people.profiles.get(anchor)?.has(name) ? name : anchor;
  const through = isDevice(entry.name) ? people.ownerOf(entry.name, entry.at) : undefined;
  return firmly(people, from).has(through ?? entry.name);
}

function firmly({ accepted }: People, from: string): Set<string> {
  const reached = new Set([from]);
  for (let size = 0; size < reached.size;) {
    size = reached.size;
    for (const { ends, trust } of accepted) {
      if (trust < 5 && ends.some((end) => reached.has(end)))
        ends.forEach((end) => reached.add(end));
    }
  }
  return reached;
}
