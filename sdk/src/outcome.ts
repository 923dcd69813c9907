// What became of a delivery. Every delivery that a destination is handed comes back with exactly
// one outcome under its own handle; a handle that is missing or comes back twice counts as unknown.

import type { PluginError } from './plugin-error.ts';

/**
 * What became of one delivery. Times in milliseconds; a `reason` is at most a sentence, in the vendor's words
 * where there are any, and holds no secret.
 */
export type Outcome =
  /** The vendor has it. `vendorId`: the vendor's id for this key, handed back with later deliveries. */
  | { readonly kind: 'delivered'; readonly vendorId?: string }
  /** The vendor took a job; `poll` is asked about it after `pollAfterMs` (default: the limits'). */
  | {
      readonly kind: 'accepted';
      readonly job: string;
      readonly pollAfterMs?: number;
      readonly vendorId?: string;
    }
  /** It may or may not have happened. */
  | { readonly kind: 'in_doubt'; readonly reason: string }
  /** It did not happen; try again, after `retryAfterMs` at the earliest. `because`: default `transient`. */
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly because?: RetryCause;
      readonly retryAfterMs?: number;
    }
  /** It will never be taken. `reason` in the vendor's words. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly vendorCode?: string | number }
  /**
   * The plugin has nothing to send for it (e.g. an event the vendor has no word for). Of a removal or an erasure it
   * says that nothing is there, and counts as `delivered`: what cannot be taken out is `rejected`. Of an addition it
   * says that nobody was added; who is there already is `delivered`.
   */
  | { readonly kind: 'filtered'; readonly reason: string };

/**
 * Why a delivery is to be tried again, and so what it costs:
 * - `transient`: it was tried; an attempt is used up
 * - `rate_limited`: the vendor asked to wait; the instance makes no call for so long, no attempt is used up
 * - `auth`: the credentials were refused; the instance pauses, no attempt is used up
 * - `not_sent`: it was held back when another delivery of the call failed; no attempt is used up
 */
export const retryCauses = ['transient', 'rate_limited', 'auth', 'not_sent'] as const;

/** One of `retryCauses`. */
export type RetryCause = (typeof retryCauses)[number];

/** The word for what became of a delivery, e.g. `delivered`. */
export type OutcomeKind = Outcome['kind'];

/** What became of the delivery that was handed in under this handle. */
export interface DeliveryOutcome {
  /** As the delivery had it. */
  readonly handle: string;
  readonly outcome: Outcome;
}

/** The same outcome for every delivery of a batch. */
export function sameOutcome(
  deliveries: readonly { readonly handle: string }[],
  outcome: Outcome,
): DeliveryOutcome[] {
  return deliveries.map(({ handle }) => ({ handle, outcome }));
}

/**
 * The outcome of one delivery whose request failed, where others of its batch may have gone out. An
 * error of the whole call (nothing has gone out yet) is better thrown: the hub then pauses or waits
 * without using up an attempt.
 */
export function outcomeOfError(error: PluginError): Outcome {
  const { kind, message: reason, retryAfterMs, vendorCode } = error;
  switch (kind) {
    case 'rejected':
      return { kind, reason, ...(vendorCode === undefined ? {} : { vendorCode }) };
    case 'unknown':
      return { kind: 'in_doubt', reason };
    case 'auth':
    case 'rate_limited':
    case 'transient':
      return { kind: 'retry', reason, because: kind, ...waitOf(retryAfterMs) };
  }
}

/**
 * The outcome of a delivery that was held back because another one of its call failed so: nothing was
 * sent for it, and it is not to blame.
 */
export function outcomeOfUnsent({ kind, message, retryAfterMs }: PluginError): Outcome {
  const because = kind === 'auth' || kind === 'rate_limited' ? kind : 'not_sent';
  return { kind: 'retry', reason: `not sent: ${message}`, because, ...waitOf(retryAfterMs) };
}

function waitOf(retryAfterMs: number | undefined): { readonly retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}
