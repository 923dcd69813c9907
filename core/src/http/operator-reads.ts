// What operators see of sources and destinations and may do about them, in the API's own terms: times are
// milliseconds since 1970, `by` is who asked, as the audit log names her.
import type { JsonValue } from '@tributary/sdk';
import type { Book } from '../delivery/books.ts';
import type { Progress } from './api/jobs.ts';

export interface SourceReads {
  list(): Promise<readonly SourceView[]>;
  /** undefined: it has committed none. */
  checkpoint(source: string): Promise<JsonValue | undefined>;
  /** Begins anew from the checkpoint, at once. False: this process does not drive it. */
  pull(source: string, by: string): Promise<boolean>;
  /** Pulls nothing and takes nothing until it is resumed. False: another process drives it. */
  pause(source: string, by: string): Promise<boolean>;
  /** The same where its credentials were refused. False: another process drives it. */
  resume(source: string, by: string): Promise<boolean>;
  /** @param value undefined: from the beginning. False: this process does not drive it. */
  setCheckpoint(source: string, value: JsonValue | undefined, by: string): Promise<boolean>;
}

export interface SourceView {
  readonly id: string;
  readonly plugin: string;
  readonly enabled: boolean;
  /** `running`, `waiting`, `paused`, `stopped`, `off`. */
  readonly state: string;
  readonly code: string | undefined;
  readonly openInQuarantine: number;
}

export interface DestinationOperations {
  list(): Promise<readonly DestinationView[]>;
  pause(instance: string, by: string): Promise<void>;
  resume(instance: string, by: string): Promise<void>;
  /** Until then the guards let everything through. */
  approveGuard(instance: string, until: number, by: string): Promise<void>;
  /** Takes everything at the destination for unknown and sends it again. @returns keys. */
  reset(instance: string, by: string, progress: Progress): Promise<number>;
  /** Asks the vendor what is on each list and mends what is missing. */
  resync(instance: string, by: string, progress: Progress): Promise<readonly ListResync[]>;
  actions(
    instance: string,
    status: ActionState | undefined,
    limit: number,
  ): Promise<readonly ActionView[]>;
  /** False: there is no such action in doubt. */
  settleAction(
    instance: string,
    id: string,
    verdict: SettlingVerdict,
    reason: string,
    by: string,
  ): Promise<boolean>;
  events(
    instance: string,
    status: OpenEventState | undefined,
    limit: number,
  ): Promise<readonly OpenEventView[]>;
  /** False: there is no such event in doubt. */
  settleEvent(
    instance: string,
    number: number,
    verdict: SettlingVerdict,
    by: string,
  ): Promise<boolean>;
}

export const openEventStates = ['due', 'sending', 'polling', 'in_doubt'] as const;
export type OpenEventState = (typeof openEventStates)[number];

export const actionStates = [
  ...openEventStates,
  'delivered',
  'rejected',
  'filtered',
  'superseded',
] as const;
export type ActionState = (typeof actionStates)[number];

export const settlingVerdicts = ['delivered', 'not_delivered'] as const;
export type SettlingVerdict = (typeof settlingVerdicts)[number];

export interface ListResync {
  readonly list: string;
  /** False: the vendor cannot be asked what is on it. */
  readonly readBack: boolean;
  readonly found: number;
  /** Believed to be there and not found: put back where they are wanted. */
  readonly missing: number;
  /** On the list without this hub; left alone. */
  readonly strangers: number;
}

export interface ActionView {
  readonly id: string;
  readonly name: string;
  readonly audience: string;
  readonly status: string;
  readonly attempts: number;
  readonly reason: string | undefined;
  readonly plannedAt: number;
  readonly settledAt: number | undefined;
}

export interface OpenEventView {
  readonly number: number;
  readonly status: string;
  readonly attempts: number;
  readonly reason: string | undefined;
  readonly plannedAt: number;
  readonly dueAt: number | undefined;
}

export interface DestinationView {
  readonly id: string;
  readonly plugin: string;
  readonly enabled: boolean;
  readonly dryRun: boolean;
  /** `running`, `paused`, `guarded`; `stopped`: its plugin did not open. */
  readonly state: string;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly since: number;
  /** Changes that planning has not looked at yet. */
  readonly lag: number;
  readonly oldestUndelivered: number | undefined;
  readonly openDeadLetters: number;
  readonly books: readonly BookView[];
}

export type BookView = Book;

export const settledStates = ['open', 'replayed', 'dropped'] as const;
export type SettledState = (typeof settledStates)[number];

export interface DeadLetterOperations {
  /** undefined: of all instances. */
  list(
    instance: string | undefined,
    filter: DeadLetterFilter,
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly DeadLetterView[]>;
  show(id: number): Promise<DeadLetterDetails | undefined>;
  /** @returns how many were open and are now on their way again. */
  replay(
    instance: string,
    filter: DeadLetterFilter,
    by: string,
    progress: Progress,
  ): Promise<number>;
  drop(
    instance: string,
    filter: DeadLetterFilter,
    reason: string,
    by: string,
    progress: Progress,
  ): Promise<number>;
}

export interface DeadLetterFilter {
  readonly ids?: readonly number[] | undefined;
  readonly state?: SettledState | undefined;
  readonly stage?: DeadLetterStage | undefined;
  readonly kind?: DeadLetterKind | undefined;
  readonly code?: string | undefined;
  readonly list?: string | undefined;
  /** From this moment on. */
  readonly since?: number | undefined;
  /** Before this moment. */
  readonly until?: number | undefined;
}

export const deadLetterStages = ['map', 'consent', 'send', 'poll'] as const;
export type DeadLetterStage = (typeof deadLetterStages)[number];

export const deadLetterKinds = ['audience', 'profile', 'event', 'action'] as const;
export type DeadLetterKind = (typeof deadLetterKinds)[number];

export interface DeadLetterView {
  readonly id: number;
  readonly instance: string;
  readonly stage: string;
  readonly kind: string;
  readonly list: string | undefined;
  readonly code: string;
  /** The vendor's words. */
  readonly message: string;
  readonly at: number;
  readonly state: SettledState;
  readonly settledAt: number | undefined;
  readonly settledReason: string | undefined;
}

export interface DeadLetterDetails extends DeadLetterView {
  /** The event's log number. */
  readonly record: number | undefined;
  readonly action: string | undefined;
  /** Whose it is now. */
  readonly profileId: string | undefined;
}

export interface QuarantineOperations {
  list(query: QuarantineQuery): Promise<readonly QuarantineView[]>;
  /** With the bytes as they came. */
  show(
    id: number,
  ): Promise<(QuarantineView & { readonly payload: Uint8Array | undefined }) | undefined>;
  /** @returns what became of the open ones that were selected: taken now, or still not. */
  replay(
    selection: QuarantineSelection,
    by: string,
    progress: Progress,
  ): Promise<{ readonly replayed: number; readonly stillOpen: number }>;
  drop(selection: QuarantineSelection, reason: string, by: string): Promise<number>;
}

export interface QuarantineSelection {
  readonly ids?: readonly number[] | undefined;
  readonly source?: string | undefined;
  readonly code?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface QuarantineQuery extends QuarantineSelection {
  readonly state?: SettledState | undefined;
  readonly after: number;
  readonly limit: number;
}

export interface QuarantineView {
  readonly id: number;
  readonly source: string;
  readonly receivedAt: number;
  readonly code: string;
  readonly message: string;
  readonly record: number | undefined;
  readonly state: SettledState;
  readonly settledAt: number | undefined;
  readonly settledReason: string | undefined;
}
