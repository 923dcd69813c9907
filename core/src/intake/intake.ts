// Intake answers a source only after commit. It checks and stamps each record, drops what it has seen
// before, keeps aside what it cannot take, and tells sources to wait when too much is waiting.
import { inspect } from 'node:util';
import { createRecordValidator, type Receipt, type SourceRecord } from '@tributary/sdk';
import type { DecisionRecord } from '../standardise/decision-record.ts';
import type { Stop } from '../consent/stop.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import { plainKey } from '../standardise/payload-codec.ts';
import type { RecordProblem } from '../standardise/problem.ts';
import { internalSource } from '../sources/internal-source.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import type { Queryable, Statement, Store } from '../store/store.ts';
import { checkDecision } from './check-decision.ts';
import { rowOfErasure, type HashedErasure } from './check-erasure.ts';
import { isOfJson } from './bounds.ts';
import {
  checkRecord,
  checkShaped,
  type CheckedRecord,
  type LogRow,
  type RecordChecks,
} from './check-record.ts';
import { createGroupCommit, type Size } from './group-commit.ts';
import { createJustCommitted, type JustCommitted } from './just-committed.ts';
import { admit, type KeptOut } from './keep-out.ts';
import { createRefusedNames } from './names-in-refused.ts';
import type { QuarantineEntry } from './quarantine.ts';

import type { IntakeBounds, SourceInstanceSettings } from './settings.ts';
import { createPlanChecker } from './tracking-plan.ts';
import { unreadableItem } from './unreadable-item.ts';
import type { CommitRequest, CommitResult } from './write-group.ts';

export interface Submission {
  readonly source: SourceInstanceSettings;
  readonly records: readonly unknown[];
  readonly receivedAt: number;
  /** Of what was kept aside: when it is taken up again. */
  readonly replayedAt?: number;
  /** Committed together with the records. `undefined`: the checkpoint stays. */
  readonly checkpoint?: unknown;
}

export interface Intake {
  /** Rejects with `IntakeBusyError` when too much is waiting; then nothing was taken. */
  submit(submission: Submission): Promise<Receipt>;
  /** The hub's own door: no bound that config sets for sources refuses what the hub itself has to say. */
  say(records: readonly SourceRecord[], receivedAt: number): Promise<Receipt>;
  /**
   * The operators' door: what somebody with the right to it decides about who is who. Sources have no way
   * here, and their own door knows no such record.
   */
  decide(decision: DecisionRecord, receivedAt: number): Promise<DecisionReceipt>;
  /** The door of erasures that are known by keyed hashes alone. */
  erase(erasure: HashedErasure, receivedAt: number): Promise<void>;
  /** Why a record would not be taken now; undefined: it would. */
  check(
    source: SourceInstanceSettings,
    record: unknown,
    receivedAt: number,
  ): RecordProblem | undefined;
  /** Keeps bytes that could not be read as records. */
  keepUnreadable(
    source: string,
    receivedAt: number,
    problem: RecordProblem,
    payload: Uint8Array,
  ): Promise<void>;
  /** From the next submission on; what is being committed was checked by the rules before. */
  goBy(rules: IntakeRules): void;
  /** For resolve, in the process that took it in. */
  readonly justCommitted: Pick<JustCommitted, 'takeAfter'>;
  /** Records that wait for their commit. */
  waiting(): number;
  /** Resolves when all that was submitted is committed. */
  idle(): Promise<void>;
}

export type DecisionReceipt =
  | { readonly kind: 'accepted'; readonly number: number }
  | { readonly kind: 'duplicate' }
  /** It names somebody who was erased. */
  | { readonly kind: 'kept_out' }
  | { readonly kind: 'refused'; readonly problem: RecordProblem };

/** What config says of intake. */
export interface IntakeRules {
  readonly bounds: IntakeBounds;
  readonly settings: StandardiseSettings;
}

export interface IntakeOptions extends IntakeRules {
  readonly store: Store;
  readonly keys: DeploymentKeys;
  /** Records of before this moment count as back-filled, since a restored store has seen them before. Default 0. */
  readonly historicalBefore?: number | undefined;
  /** After a commit and before its sources are answered: stops must be announced to the gate here. */
  onCommitted(stops: readonly Stop[], lastNumber: number): Promise<void>;
  onPlanViolation?(source: string, problem: RecordProblem): void;
  onGroup?(records: number, milliseconds: number): void;
  /**
   * False in tests of what a log makes of people, whatever is in it: records that name somebody who was
   * erased are taken as they come.
   */
  readonly keepsOut?: boolean;
  /** A record names somebody who was erased: it was kept out, or what it said of her. */
  onKeptOut?(kept: KeptOut): void;
  /** What became of one source's records, with their log numbers; none for a duplicate. */
  onReceipt?(source: string, receipt: Receipt, numbers: CommitResult): void;
}

const busyMarker: unique symbol = Symbol.for('tributary.intake-busy');

/** Nothing was taken: come back later. */
export class IntakeBusyError extends Error {
  readonly code = 'INTAKE_BUSY';
  readonly retryAfterSeconds: number;
  readonly [busyMarker] = true;

  constructor(waiting: number, limit: number, of: 'records' | 'bytes' = 'records') {
    super(
      `INTAKE_BUSY: intake: ${waiting} ${of} wait, at most ${limit} may. Send again after the stated time.`,
    );
    this.retryAfterSeconds = 1;
  }
}

export function isIntakeBusy(error: unknown): error is IntakeBusyError {
  return typeof error === 'object' && error !== null && busyMarker in error;
}

export function createIntake(options: IntakeOptions): Intake {
  let checks = createChecks(options, options);
  const justCommitted = createJustCommitted();
  const group = createGroupCommit({
    store: options.store,
    justCommitted,
    groupRecords: () => checks.bounds.groupRecords,
    async admit(rows, quarantined) {
      if (options.keepsOut === false) return undefined;
      return admit(intakeReader(options.store), rows, quarantined, checks);
    },
    onKeptOut: (kept) => options.onKeptOut?.(kept),
    onCommitted: options.onCommitted,
    onGroup: (records, milliseconds) => options.onGroup?.(records, milliseconds),
  });

  async function take<Emitted>(
    submission: Taken<Emitted>,
    check: (emitted: Emitted, submission: Taken<Emitted>) => CheckedRecord,
  ): Promise<Receipt> {
    const arriving = { records: submission.records.length, bytes: 0 };
    refuseWhenBusy(group.waiting(), arriving, checks.bounds);
    const checked = checkAll(submission, check, checks);
    const result = await group.commit(checked.request);
    const receipt = receiptOf(result, checked.refused);
    options.onReceipt?.(submission.source.id, receipt, result);
    return receipt;
  }

  return {
    submit: (submission) =>
      take<unknown>(submission, (emitted, arrival) =>
        checkRecord(submission.source, emitted, arrival, checks),
      ),
    say: (records, receivedAt) =>
      take({ source: internalSource, records, receivedAt }, (record, arrival) =>
        checkShaped(internalSource, record, arrival, checks),
      ),
    async decide(decision, receivedAt) {
      refuseWhenBusy(group.waiting(), { records: 1, bytes: 0 }, checks.bounds);
      const checked = checkDecision(decision, receivedAt, checks);
      if ('problem' in checked) return { kind: 'refused', problem: checked.problem };
      const rows = [checked.row];
      const [result] = await group.commit({ rows, quarantined: [], checkpoint: undefined });
      if (result === undefined) return { kind: 'duplicate' };
      return result === 'kept_out' ? { kind: result } : { kind: 'accepted', number: result };
    },
    async erase(erasure, receivedAt) {
      refuseWhenBusy(group.waiting(), { records: 1, bytes: 0 }, checks.bounds);
      const rows = [rowOfErasure(erasure, receivedAt, checks.keys)];
      await group.commit({ rows, quarantined: [], checkpoint: undefined });
    },
    check(source, record, receivedAt) {
      const checked = checkRecord(source, record, { receivedAt }, checks);
      return 'problem' in checked ? checked.problem : undefined;
    },
    async keepUnreadable(source, receivedAt, problem, payload) {
      const size = { records: 1, bytes: payload.byteLength };
      refuseWhenBusy(group.waiting(), size, checks.bounds);
      const entry = { source, receivedAt, ...problem, number: null, keyId: plainKey, payload };
      await group.commit({ rows: [], quarantined: [entry], checkpoint: undefined });
    },
    goBy(rules) {
      checks = createChecks(rules, options);
    },
    justCommitted,
    waiting: () => group.waiting().records,
    idle: () => group.idle(),
  };
}

function intakeReader(store: Store): Queryable {
  return {
    query: <Row extends object>(statement: Statement, parameters?: readonly unknown[]) =>
      store.query<Row>('intake', statement, parameters),
  };
}

function createChecks({ bounds, settings }: IntakeRules, options: IntakeOptions): RecordChecks {
  const plans = new Map(
    [...settings.sources.values()].flatMap((source) =>
      source.trackingPlan
        ? [
            [
              source.id,
              {
                check: createPlanChecker(source.trackingPlan),
                strict: source.trackingPlan.mode === 'strict',
              },
            ] as const,
          ]
        : [],
    ),
  );
  return {
    bounds,
    validate: createRecordValidator(bounds),
    settings,
    keys: options.keys,
    historicalBefore: options.historicalBefore ?? 0,
    plans,
    onPlanViolation: options.onPlanViolation ?? (() => undefined),
  };
}

/** Of records as they are written; what is not checked yet is bounded by its request. */
const mostWaitingBytes = 134_217_728;

function refuseWhenBusy(waiting: Size, arriving: Size, { maxWaiting }: IntakeBounds): void {
  if (waiting.records > 0 && waiting.records + arriving.records > maxWaiting) {
    throw new IntakeBusyError(waiting.records, maxWaiting);
  }
  if (waiting.bytes > 0 && waiting.bytes + arriving.bytes > mostWaitingBytes) {
    throw new IntakeBusyError(waiting.bytes, mostWaitingBytes, 'bytes');
  }
}

interface Refused {
  readonly index: number;
  readonly problem: RecordProblem;
}

interface CheckedSubmission {
  readonly request: CommitRequest;
  readonly refused: readonly Refused[];
}

interface Taken<Emitted> extends Omit<Submission, 'records'> {
  readonly records: readonly Emitted[];
}

function checkAll<Emitted>(
  submission: Taken<Emitted>,
  check: (emitted: Emitted, submission: Taken<Emitted>) => CheckedRecord,
  checks: RecordChecks,
): CheckedSubmission {
  const rows: LogRow[] = [];
  const refused: Refused[] = [];
  submission.records.forEach((record, index) => {
    const checked = check(record, submission);
    if ('row' in checked) rows.push(checked.row);
    else refused.push({ index, problem: checked.problem });
  });
  const { source, receivedAt, checkpoint } = submission;
  return {
    refused,
    request: {
      rows,
      quarantined: quarantineEntries(submission, refused, checks),
      checkpoint:
        checkpoint === undefined
          ? undefined
          : { source: source.id, value: checkpoint, at: receivedAt },
    },
  };
}

function quarantineEntries(
  submission: Submission,
  refused: readonly Refused[],
  checks: RecordChecks,
): QuarantineEntry[] {
  const namesIn = createRefusedNames(checks);
  return refused.map((item) => quarantineEntry(submission, item, namesIn));
}

function quarantineEntry(
  submission: Submission,
  { index, problem }: Refused,
  namesIn: (record: unknown) => readonly string[],
): QuarantineEntry {
  const record = submission.records[index];
  const unreadable = unreadableItem(record);
  return {
    source: submission.source.id,
    receivedAt: submission.receivedAt,
    code: problem.code,
    message: problem.message,
    number: null,
    keyId: plainKey,
    payload: bytesOf(unreadable ? unreadable.item : record),
    named: namesIn(record),
  };
}

/** What has no JSON (a circle, nesting without end, an infinity) is kept as far as it can be told. */
function bytesOf(record: unknown): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(record, onlyJson) ?? 'null');
  } catch {
    return Buffer.from(inspect(record, { depth: 20, maxArrayLength: 100, maxStringLength: 1_000 }));
  }
}

/** It would read as something else on a replay. */
function onlyJson(_key: string, value: unknown): unknown {
  if (!isOfJson(value)) throw new TypeError('found what JSON cannot say');
  return value;
}

function receiptOf(result: CommitResult, refused: readonly Refused[]): Receipt {
  const suppressed = result.filter((number) => number === 'kept_out').length;
  const duplicates = result.filter((number) => number === undefined).length;
  return {
    accepted: result.length - suppressed - duplicates,
    duplicates,
    ...(suppressed > 0 && { suppressed }),
    quarantined: refused.map(({ index, problem }) => ({ index, ...problem })),
  };
}
