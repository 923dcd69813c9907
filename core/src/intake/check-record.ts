// From what a plugin emitted to a row of the log, or to the reason why not. Pure but for the keys.
import { createHash } from 'node:crypto';
import { saysNo, type RecordValidator, type SourceRecord } from '@tributary/sdk';
import { decodePayload, encodePayload } from '../standardise/payload-codec.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { recordProblem, type RecordProblem } from '../standardise/problem.ts';
import { stamp } from '../standardise/stamp.ts';
import { isDecision } from '../standardise/decision-record.ts';
import { isReduced, standardiseStored, type StoredRecord } from '../standardise/reduced-record.ts';
import { unknownWord, type StandardiseSettings } from '../standardise/standardise.ts';
import { namedBy, type StandardRecord } from '../standardise/standard-record.ts';
import type { Stop } from '../consent/stop.ts';
import { askingOf } from '../privacy/asking.ts';
import { internalSource } from '../sources/internal-source.ts';
import { checkBounds } from './bounds.ts';
import { rememberStandard } from './just-committed.ts';
import type { IntakeBounds, SourceInstanceSettings } from './settings.ts';
import type { PlanChecker } from './tracking-plan.ts';

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
  const { receivedAt } = arrival;
  const outOfBounds = checkBounds(emitted, checks.bounds);
  if (outOfBounds) return { problem: outOfBounds };
  const shape = checks.validate(emitted);
  if ('errors' in shape) {
    const code = shape.namesNobody ? 'RECORD_NO_IDENTIFIER' : 'RECORD_INVALID';
    return { problem: recordProblem(code, 'record', shape.errors, 'Mend the sender.') };
  }
  const { record } = shape;
  const unplanned = violatesPlan(source.id, record, checks);
  if (unplanned) return { problem: unplanned };
  const stamped = stamp(record, receivedAt, checks.bounds);
  if ('problem' in stamped) {
    return { problem: { code: 'RECORD_TIME_UNREADABLE', message: stamped.problem.message } };
  }
  const header = {
    number: 0,
    source: source.id,
    messageHash: checks.keys.messageHash(
      source.id,
      record.messageId ?? contentId(record, receivedAt),
    ),
    receivedAt,
    at: stamped.at,
    historical: isHistorical(source, record, stamped.at, arrival, checks.historicalBefore),
  };
  // Standardised as the log will say it, since what a plugin still holds may change under its hands.
  const encoded = encodePayload(record);
  const logged = decodePayload(encoded);
  const unknown = unknownWordIn(logged, checks.settings);
  if (unknown) return { problem: unknown };
  const standard = standardiseStored(header, logged, checks.settings, checks.keys);
  if (standard === undefined) throw new Error('a record of nothing was encoded');
  if ('problem' in standard) return standard;
  const { keyId, bytes } = encoded;
  rememberStandard(bytes, standard.record, checks.settings);
  const subjectHash = standard.record.subject?.hash ?? null;
  const stops = stopsOf(standard.record);
  const named = namedBy(standard.record).map(({ hash }) => hash);
  const mayReturn = isReturn(standard.record, source);
  return {
    row: {
      ...header,
      seenHash: checks.keys.seenHash(header.messageHash),
      type: record.type,
      subjectHash,
      keyId,
      payload: bytes,
      stops,
      named,
      mayReturn,
      ...(isByAge(record, source) && { byAge: true }),
    },
  };
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
  const isAnother = record.timestamp === undefined && saysNo(record);
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
