// One row of the ledger: what should be so at a destination for one vendor key on one list, what
// may be so, and the one change that is open between the two.
import type { JsonObject } from '@tributary/sdk';

/** `accepted`: the vendor took a job that puts it there and has not said how that ended. */
export type Presence = 'absent' | 'in_doubt' | 'accepted' | 'confirmed';

/** `settled` nothing to do; `held` it was refused and waits for other data or a replay. */
export type ChangeStatus = 'settled' | 'due' | 'sending' | 'polling' | 'held';

export type Operation = 'add' | 'remove';

/** Why a key is not wanted. Removals for `consent` and `erased` pass the guards. */
export type RemovalCause = 'consent' | 'erased' | 'membership' | 'config';

/** A type, not an interface, so that it can be handed to code that takes any record. */
export type LedgerRow = {
  readonly instance: string;
  readonly list: string;
  readonly keyHash: string;
  readonly identifierId: number;
  readonly namespace: string;
  readonly value: string;
  readonly vendorKey: string;
  readonly vendorId: string | null;
  readonly profileId: string;
  readonly wanted: boolean;
  readonly presence: Presence;
  readonly presenceBefore: Presence;
  readonly status: ChangeStatus;
  readonly operation: Operation | null;
  readonly cause: RemovalCause | null;
  /** What the destination may have: what it last took, and what went out since with an unknown end. */
  readonly sent: JsonObject | null;
  readonly next: JsonObject | null;
  readonly flying: JsonObject | null;
  readonly job: string | null;
  readonly attempts: number;
  readonly dueAt: number | null;
  readonly refreshBy: number | null;
  readonly reason: string | null;
  readonly seenAt: number | null;
  readonly plannedAt: number;
  readonly changedAt: number;
};

/** What planning or the gate found to be right for a key. */
export type Desired =
  | {
      readonly wanted: true;
      readonly next: JsonObject;
      readonly profileId: string;
      readonly identifierId: number;
      readonly namespace: string;
      readonly value: string;
    }
  | { readonly wanted: false; readonly cause: RemovalCause };
