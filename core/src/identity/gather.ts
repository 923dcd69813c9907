// What a batch of records says, gathered per identifier, pair and device, without what was erased.
import {
  namedBy,
  type StandardIdentifier,
  type StandardRecord,
} from '../standardise/standard-record.ts';
import { isHashOnly } from '../standardise/reduced-record.ts';
import { evidenceOfRecord, type LoginEvidence, type PairEvidence } from './evidence.ts';
import { decisionOf, type PairDecision } from './decide.ts';
import { compareHashes } from './observation.ts';

export interface Sighting {
  readonly identifier: StandardIdentifier;
  firstAt: number;
  lastAt: number;
  /** The smallest log number that names it: a cause to tell the audit log. */
  number: number;
}

export interface ContactNaming {
  readonly contact: StandardIdentifier;
  readonly subject: StandardIdentifier;
  at: number;
}

export interface Gathered {
  readonly sightings: ReadonlyMap<string, Sighting>;
  readonly pairs: readonly PairEvidence[];
  readonly logins: readonly LoginEvidence[];
  readonly decisions: readonly PairDecision[];
  readonly contacts: readonly ContactNaming[];
  /** Records whose subject counts at their time. */
  readonly subjects: ReadonlyMap<StandardRecord, StandardIdentifier>;
  readonly erasedRecords: ReadonlySet<number>;
}

/** Every identifier that the records name, deletes included. */
export function gatherNamed(records: readonly StandardRecord[]): Map<string, StandardIdentifier> {
  const named = new Map<string, StandardIdentifier>();
  for (const record of records) {
    for (const identifier of namedBy(record)) {
      // An erasure that was carried out knows hashes alone: whoever says more is believed.
      if (isHashOnly(identifier) && named.has(identifier.hash)) continue;
      named.set(identifier.hash, identifier);
    }
  }
  return named;
}

export function gatherFacts(
  records: readonly StandardRecord[],
  erasedAt: ReadonlyMap<string, number>,
): Gathered {
  const isErased = (identifier: StandardIdentifier, at: number): boolean =>
    erasedAt.size > 0 && at <= (erasedAt.get(identifier.hash) ?? Number.NEGATIVE_INFINITY);
  const sightings = new Map<string, Sighting>();
  const pairs: PairEvidence[] = [];
  const logins = new Map<string, LoginEvidence>();
  const decisions: PairDecision[] = [];
  const contacts = new Map<string, ContactNaming>();
  const subjects = new Map<StandardRecord, StandardIdentifier>();
  const erasedRecords = new Set<number>();
  for (const record of records) {
    if (record.type === 'delete') continue;
    for (const identifier of namedBy(record)) {
      if (!isErased(identifier, record.at)) noteSighting(sightings, identifier, record);
    }
    const evidence = evidenceOfRecord(record);
    for (const pair of evidence.pairs) {
      if (!isErased(pair.left, pair.at) && !isErased(pair.right, pair.at)) pairs.push(pair);
    }
    for (const login of evidence.logins) {
      if (!isErased(login.device, login.at) && !isErased(login.person, login.at)) {
        noteLogin(logins, login);
      }
    }
    const decided = decisionOf(record);
    if (decided !== undefined && !decided.ends.some((end) => isErased(end, decided.reach))) {
      decisions.push(decided);
    }
    const { subject } = record;
    if (subject === undefined) continue;
    if (isErased(subject, record.at)) {
      erasedRecords.add(record.number);
      continue;
    }
    subjects.set(record, subject);
    for (const contact of record.contacts) {
      if (!isErased(contact, record.at)) noteContact(contacts, contact, subject, record.at);
    }
  }
  return {
    sightings,
    pairs,
    logins: [...logins.values()],
    decisions,
    contacts: [...contacts.values()],
    subjects,
    erasedRecords,
  };
}

function noteSighting(
  sightings: Map<string, Sighting>,
  identifier: StandardIdentifier,
  { at, number }: StandardRecord,
): void {
  const sighting = sightings.get(identifier.hash);
  if (sighting === undefined) {
    sightings.set(identifier.hash, { identifier, firstAt: at, lastAt: at, number });
    return;
  }
  if (at < sighting.firstAt) sighting.firstAt = at;
  if (at > sighting.lastAt) sighting.lastAt = at;
  if (number < sighting.number) sighting.number = number;
}

/** One per device, time and person: the most trusted. */
function noteLogin(logins: Map<string, LoginEvidence>, login: LoginEvidence): void {
  const key = `${login.device.hash}${login.person.hash}${login.at}`;
  const known = logins.get(key);
  const isStronger =
    known === undefined ||
    login.trust < known.trust ||
    (login.trust === known.trust && compareHashes(login.messageHash, known.messageHash) < 0);
  if (isStronger) logins.set(key, login);
}

function noteContact(
  contacts: Map<string, ContactNaming>,
  contact: StandardIdentifier,
  subject: StandardIdentifier,
  at: number,
): void {
  const key = `${contact.hash}${subject.hash}`;
  const known = contacts.get(key);
  if (known === undefined) contacts.set(key, { contact, subject, at });
  else known.at = Math.max(known.at, at);
}
