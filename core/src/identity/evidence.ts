// What one record says about who is who: pairs of person identifiers, and logins of devices.
import type { StandardIdentifier, StandardRecord } from '../standardise/standard-record.ts';
import type { Observation } from './observation.ts';

export interface PairEvidence extends Observation {
  readonly left: StandardIdentifier;
  readonly right: StandardIdentifier;
}

export interface LoginEvidence extends Observation {
  readonly device: StandardIdentifier;
  readonly person: StandardIdentifier;
}

export interface RecordEvidence {
  readonly pairs: readonly PairEvidence[];
  readonly logins: readonly LoginEvidence[];
}

const nothing: RecordEvidence = { pairs: [], logins: [] };

/** The weakest trust that makes a device somebody's: `declared`. */
const weakestLogin = 4;

/**
 * A star from the record's subject to each other identifier. A clique would let a pair that a limit
 * rejected join behind its back, through a third identifier.
 */
export function evidenceOfRecord(record: StandardRecord): RecordEvidence {
  if (record.decision !== undefined) return decidedEvidence(record);
  const { subject } = record;
  if (record.type === 'delete' || subject === undefined) return nothing;
  const others = othersOf(record, subject);
  if (others.length === 0) return nothing;
  const observation = observationOf(record);
  const pairs: PairEvidence[] = [];
  const logins: LoginEvidence[] = [];
  for (const other of others) {
    const login = loginEnds(subject, other);
    if (login === undefined) {
      if (subject.kind === 'person') pairs.push({ left: subject, right: other, ...observation });
    } else if (record.trust <= weakestLogin) {
      logins.push({ ...login, ...observation });
    }
  }
  return { pairs, logins };
}

/** An operator saw the two together, whatever sources did. */
function decidedEvidence(record: StandardRecord): RecordEvidence {
  const [left, right] = record.identifiers;
  if (record.decision?.kind !== 'merge' || left === undefined || right === undefined) {
    return nothing;
  }
  return { pairs: [{ left, right, ...observationOf(record) }], logins: [] };
}

/** Without contact points, which identify nobody, and without the subject: a self-alias says nothing. */
function othersOf(record: StandardRecord, subject: StandardIdentifier): StandardIdentifier[] {
  if (record.identifiers.length === 1 && record.previous === undefined) return [];
  const others = new Map<string, StandardIdentifier>();
  for (const other of [...record.identifiers, record.previous]) {
    if (other === undefined || other.kind === 'contact' || other.hash === subject.hash) continue;
    others.set(other.hash, other);
  }
  return [...others.values()];
}

/** Undefined where both are persons or both are devices; devices join nobody. */
function loginEnds(
  one: StandardIdentifier,
  other: StandardIdentifier,
): Pick<LoginEvidence, 'device' | 'person'> | undefined {
  if (one.kind === 'person' && other.kind === 'device') return { person: one, device: other };
  if (one.kind === 'device' && other.kind === 'person') return { person: other, device: one };
  return undefined;
}

function observationOf(record: StandardRecord): Observation {
  return {
    trust: record.trust,
    probability: record.probability,
    at: record.at,
    source: record.source,
    messageHash: record.messageHash,
    number: record.number,
  };
}
