// What became of a delivery. Every delivery that a destination is handed comes back with exactly
// one outcome under its own handle; a handle that is missing or comes back twice counts as unknown.

import type { PluginError } from './plugin-error.ts';

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
  /** It did not happen; try again, after `retryAfterMs` at the earliest. */
  | { readonly kind: 'retry'; readonly reason: string; readonly retryAfterMs?: number }
  /** It will never be taken. `reason` in the vendor's words. */
  | { readonly kind: 'rejected'; readonly reason: string; readonly vendorCode?: string | number }
  /** The plugin has nothing to send for it (e.g. an event the vendor has no word for). */
  | { readonly kind: 'filtered'; readonly reason: string };

export type OutcomeKind = Outcome['kind'];

export interface DeliveryOutcome {
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
      return { kind: 'retry', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
}
