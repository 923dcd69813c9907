// From what a plugin emitted to a row of the log, or to the reason why not. Pure but for the keys.
import { createHash } from 'node:crypto';
import { saysNo, type RecordValidator, type SourceRecord } from '@tributary/sdk';
import { decodePayload, encodePayload } from '../standardise/payload-codec.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { recordProblem, type RecordProblem } from '../standardise/problem.ts';
import { stamp } from '../standardise/stamp.ts';
import { isDecision } from '../standardise/decision-record.ts';
import { isReduced, standardiseStored, type StoredRecord } from '../standardise/reduced-record.ts';
import {
  unknownWord,
  type EventHeader,
  type StandardiseSettings,
} from '../standardise/standardise.ts';
import { namedBy, type StandardRecord } from '../standardise/standard-record.ts';
import type { Stop } from '../consent/stop.ts';
import { askingOf } from '../privacy/asking.ts';
import { internalSource } from '../sources/internal-source.ts';
import { checkBounds } from './bounds.ts';
import { rememberStandard } from './just-committed.ts';
import { denialsOf, isKnownByContent } from './repeated-no.ts';
import type { IntakeBounds, SourceInstanceSettings } from './settings.ts';
import type { PlanChecker } from './tracking-plan.ts';
import { unreadableItem, unreadableProblem } from './unreadable-item.ts';

/** A row of the event log before it has its number. */
export interface LogRow {
  readonly source: string;
  readonly messageHash: string;
  /** By which deduplication remembers it. */
  readonly seenHash: string;
  readonly receivedAt: number;
  readonly at: number;
  readonly type: string;
  readonly historical: boolean;
  readonly subjectHash: string | null;
  readonly keyId: number;
  readonly payload: Uint8Array;
  readonly stops: readonly Stop[];
  /** Keyed hashes of all that it names. */
  readonly named: readonly string[];
  /** It may bring back somebody who was erased. */
  readonly mayReturn: boolean;
  /** Of a delete record: whom it names may be known again by anything that is later. */
  readonly byAge?: true;
  /** What it denies, known by when it was received: written where it is a duplicate itself. */
  readonly denials?: LogRow | undefined;
}

export interface RecordChecks {
  readonly bounds: IntakeBounds;
  readonly validate: RecordValidator;
  readonly settings: StandardiseSettings;
  readonly keys: DeploymentKeys;
  /** Records of before this moment count as back-filled. */
  readonly historicalBefore: number;
  /** By source instance; absent: no plan. */
  readonly plans: ReadonlyMap<string, { readonly check: PlanChecker; readonly strict: boolean }>;
  /** Called for each record that a lenient plan lets in. */
  onPlanViolation(source: string, problem: RecordProblem): void;
}

export interface Arrival {
  readonly receivedAt: number;
  /** It was kept aside until then. What is told of the past is told late, but does not happen late. */
  readonly replayedAt?: number | undefined;
}

export type CheckedRecord = { readonly row: LogRow } | { readonly problem: RecordProblem };

export function checkRecord(
  source: SourceInstanceSettings,
  emitted: unknown,
  arrival: Arrival,
  checks: RecordChecks,
): CheckedRecord {
  if (unreadableItem(emitted)) return { problem: unreadableProblem(source.id) };
  const outOfBounds = checkBounds(emitted, checks.bounds);
  if (outOfBounds) return { problem: outOfBounds };
  const shape = checks.validate(emitted);
  if ('errors' in shape) {
    const code = shape.namesNobody ? 'RECORD_NO_IDENTIFIER' : 'RECORD_INVALID';
    return { problem: recordProblem(code, 'record', shape.errors, 'Mend the sender.') };
  }
  const unplanned = violatesPlan(source.id, shape.record, checks);
  return unplanned ? { problem: unplanned } : checkShaped(source, shape.record, arrival, checks);
}

/** What is a record, whatever its size. */
export function checkShaped(
  source: SourceInstanceSettings,
  record: SourceRecord,
  arrival: Arrival,
  checks: RecordChecks,
): CheckedRecord {
  const { receivedAt } = arrival;
  const stamped = stamp(record, receivedAt, checks.bounds);
  if ('problem' in stamped) {
    return { problem: { code: 'RECORD_TIME_UNREADABLE', message: stamped.problem.message } };
  }
  const header = {
    number: 0,
    source: source.id,
    messageHash: messageHash(source, record, receivedAt, checks),
    receivedAt,
    at: stamped.at,
    historical: isHistorical(source, record, stamped.at, arrival, checks.historicalBefore),
  };
  const standardised = standardiseEncoded(header, record, checks);
  if ('problem' in standardised) return standardised;
  const row = rowOf(record, source, standardised, checks);
  if (!isKnownByContent(record) || saysNo(record)) return { row };
  const denials = denialsOf(record, standardised.standard);
  if (denials === undefined) return { row };
  const again = { ...header, messageHash: messageHash(source, denials, receivedAt, checks) };
  const repeated = standardiseEncoded(again, denials, checks);
  return 'problem' in repeated
    ? { row }
    : { row: { ...row, denials: rowOf(denials, source, repeated, checks) } };
}

interface Encoded {
  readonly standard: StandardRecord;
  readonly keyId: number;
  readonly payload: Uint8Array;
}

/** Standardised as the log will say it, since what a plugin still holds may change under its hands. */
function standardiseEncoded(
  header: EventHeader,
  record: SourceRecord,
  { settings, keys }: RecordChecks,
): Encoded | { readonly problem: RecordProblem } {
  const { keyId, bytes } = encodePayload(record);
  const logged = decodePayload({ keyId, bytes });
  const unknown = unknownWordIn(logged, settings);
  if (unknown) return { problem: unknown };
  const found = standardiseStored(header, logged, settings, keys);
  if (found === undefined) throw new Error('a record of nothing was encoded');
  if ('problem' in found) return found;
  rememberStandard(bytes, found.record, settings);
  return { standard: found.record, keyId, payload: bytes };
}

function rowOf(
  record: SourceRecord,
  source: SourceInstanceSettings,
  { standard, keyId, payload }: Encoded,
  { keys }: RecordChecks,
): LogRow {
  const { messageHash: hash, receivedAt, at, historical } = standard;
  return {
    source: source.id,
    messageHash: hash,
    seenHash: keys.seenHash(hash),
    receivedAt,
    at,
    type: record.type,
    historical,
    subjectHash: standard.subject?.hash ?? null,
    keyId,
    payload,
    stops: stopsOf(standard),
    named: namedBy(standard).map((identifier) => identifier.hash),
    mayReturn: isReturn(standard, source),
    ...(isByAge(record, source) && { byAge: true }),
  };
}

function messageHash(
  source: SourceInstanceSettings,
  record: SourceRecord,
  receivedAt: number,
  { keys }: RecordChecks,
): string {
  return keys.messageHash(source.id, record.messageId ?? contentId(record, receivedAt));
}

function unknownWordIn(
  logged: StoredRecord,
  settings: StandardiseSettings,
): RecordProblem | undefined {
  return isReduced(logged) || isDecision(logged) ? undefined : unknownWord(logged, settings);
}

function violatesPlan(
  source: string,
  record: SourceRecord,
  checks: RecordChecks,
): RecordProblem | undefined {
  const plan = checks.plans.get(source);
  const problem = plan?.check(record);
  if (!plan || !problem) return undefined;
  if (plan.strict) return problem;
  checks.onPlanViolation(source, problem);
  return undefined;
}

/**
 * Without a message id the content is the id: a repeated delivery of the same bytes is one event. But who says
 * no, yes and no again, each in the same words as before and at no stated time, has said no.
 */
function contentId(record: SourceRecord, receivedAt: number): string {
  const { sentAt: _sentAt, retryCount: _retryCount, ...said } = record;
  const isAnother = isKnownByContent(record) && saysNo(record);
  const content = isAnother ? { ...said, receivedAt } : said;
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function isHistorical(
  source: SourceInstanceSettings,
  record: SourceRecord,
  at: number,
  { receivedAt, replayedAt = receivedAt }: Arrival,
  historicalBefore: number,
): boolean {
  const { historicalAfterMs } = source;
  if (at < historicalBefore || replayedAt - receivedAt > historicalAfterMs) return true;
  return record.historical ?? replayedAt - at > historicalAfterMs;
}

/** The weakest trust by which a record says that the person herself was there. */
const authenticated = 1;

/** She logged in, or she agreed to something where her word counts for more than her device. */
function isReturn(record: StandardRecord, source: SourceInstanceSettings): boolean {
  if (source.bringsBack === false) return false;
  if (record.trust <= authenticated) return true;
  const isHerWord = record.origin === 'server' || source.consent.authenticatedConsent;
  return isHerWord && record.consents.some(({ status }) => status === 'granted');
}

/** The hub forgets somebody because nobody has heard of her for long, and not because she asked for it. */
function isByAge(record: SourceRecord, { id }: SourceInstanceSettings): boolean {
  if (record.type !== 'delete' || id !== internalSource.id) return false;
  return askingOf(record.context ?? {})?.origin === 'retention';
}

/** What must stop at once: each denial and withdrawal, for every identifier named; everything on erasure. */
export function stopsOf(record: StandardRecord): Stop[] {
  const covered = [...record.identifiers, ...record.contacts];
  if (record.type === 'delete') {
    return covered.map(({ hash }) => ({ identifierHash: hash, purpose: '*', channel: '*' }));
  }
  return record.consents
    .filter((change) => change.status !== 'granted')
    .flatMap((change) =>
      covered.map(({ hash }) => ({
        identifierHash: hash,
        purpose: change.purpose,
        channel: change.channel ?? '*',
      })),
    );
}
