// Requests as rows: whom they are about is known by keyed hashes alone.
import { appendAudit } from '../audit/append.ts';
import { isoTime, type Queryable, type Transaction } from '../store/store.ts';
import * as plans from './plans.ts';

export const requestKinds = ['access', 'erase', 'rectify', 'object'] as const;
export type RequestKind = (typeof requestKinds)[number];
export type RequestState = 'working' | 'done';

/** A type, so that rows can be read as it. */
export type RequestRow = {
  readonly id: string;
  readonly kind: RequestKind;
  /** `api`, `journal`, or the source whose record asked for it. */
  readonly origin: string;
  readonly actor: string;
  readonly receivedAt: number;
  readonly dueAt: number;
  readonly state: RequestState;
  /** How many it covers. */
  readonly identifiers: number;
  readonly number: number | null;
  readonly scanTo: number | null;
  readonly scanned: number;
  readonly doneAt: number | null;
};

export type TaskState =
  'waiting' | 'pending' | 'done' | 'not_held' | 'kept' | 'by_hand' | 'refused' | 'confirmed';

export type TaskRow = {
  readonly instance: string;
  readonly state: TaskState;
  readonly outcome: string | null;
  readonly answeredAt: number | null;
  readonly confirmedBy: string | null;
  readonly changedAt: number;
};

export interface NewRequest {
  readonly id: string;
  readonly kind: RequestKind;
  readonly origin: string;
  readonly actor: string;
  readonly receivedAt: number;
  readonly deadlineMs: number;
  readonly hashes: readonly string[];
  /** Up to when she is erased. */
  readonly at: number;
  /** Of the last delete record; null: it is not known yet, or there is none. */
  readonly number: number | null;
  /** How far the log is gone through. Default: up to `number`. */
  readonly scanTo?: number;
  /** False: only that there is a request; the log will say whom it covers. */
  readonly covers: boolean;
  readonly now: number;
}

/** Written down once, whoever notices it first, with its entry in the audit log. */
export async function noteRequest(transaction: Transaction, request: NewRequest): Promise<void> {
  const { id, kind, origin, actor, receivedAt, hashes, number, now } = request;
  // What is carried out by being asked is done at once.
  const isDone = kind !== 'erase';
  const [row] = await transaction.query<{ fresh: boolean }>(plans.insertRequest, [
    id,
    kind,
    origin,
    actor,
    isoTime(receivedAt),
    isoTime(receivedAt + request.deadlineMs),
    isDone ? 'done' : 'working',
    hashes.length,
    number,
    number === null ? null : (request.scanTo ?? number),
    isDone ? isoTime(now) : null,
  ]);
  if (request.covers) {
    await transaction.query(plans.insertSubjects, [id, hashes, isoTime(request.at)]);
  }
  if (row?.fresh !== true) return;
  const details = { request: id, kind, origin, identifiers: hashes.length };
  await appendAudit(transaction, [{ kind: 'privacy.requested', at: now, actor, details }]);
}

export interface RequestFilter {
  readonly state?: RequestState | undefined;
  readonly kind?: RequestKind | undefined;
  /** The last of the page before. */
  readonly before?: { readonly receivedAt: number; readonly id: string } | undefined;
  readonly limit: number;
}

/** The newest first. */
export function listRequests(queryable: Queryable, filter: RequestFilter): Promise<RequestRow[]> {
  const { receivedAt, id } = filter.before ?? { receivedAt: Infinity, id: lastId };
  return queryable.query<RequestRow>(plans.selectRequests, [
    filter.state ?? null,
    filter.kind ?? null,
    isoTime(receivedAt),
    id,
    filter.limit,
  ]);
}

const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export async function readRequest(
  queryable: Queryable,
  id: string,
): Promise<{ readonly request: RequestRow; readonly tasks: readonly TaskRow[] } | undefined> {
  const [request] = await queryable.query<RequestRow>(plans.selectRequest, [id]);
  if (!request) return undefined;
  return { request, tasks: await queryable.query<TaskRow>(plans.selectTasks, [id]) };
}

/** Somebody has erased her there by other means, and says so. */
export async function confirmByHand(
  transaction: Transaction,
  id: string,
  instance: string,
  actor: string,
  now: number,
): Promise<boolean> {
  const confirmed = await transaction.query(plans.confirmTask, [id, instance, actor, isoTime(now)]);
  if (confirmed.length === 0) return false;
  const details = { request: id, instance };
  await appendAudit(transaction, [{ kind: 'privacy.confirmed', at: now, actor, details }]);
  return true;
}

/** Those that are not done, by kind, and how many of them are late. */
export function countOpenRequests(
  queryable: Queryable,
  now: number,
): Promise<{ kind: RequestKind; open: number; overdue: number }[]> {
  return queryable.query<{ kind: RequestKind; open: number; overdue: number }>(plans.countOpen, [
    isoTime(now),
  ]);
}
