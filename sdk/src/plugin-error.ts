// Errors of a plugin say who must act. The hub looks at the kind, never at the class, so that two
// copies of the SDK in one process understand each other.

/**
 * - `auth`: credentials are wrong; the instance pauses and keeps everything. An admin must act.
 * - `rate_limited`: wait `retryAfterMs`; no attempt is used up. Nobody need act.
 * - `rejected`: this record will never be taken; it goes to the dead letters. An admin or integrator must act.
 * - `transient`: nothing happened at the other side; try again with backoff. Nobody need act.
 * - `unknown`: it may have happened; states are repeated, actions stay in doubt.
 */
export const pluginErrorKinds = [
  'auth',
  'rate_limited',
  'rejected',
  'transient',
  'unknown',
] as const;

/** One of `pluginErrorKinds`. */
export type PluginErrorKind = (typeof pluginErrorKinds)[number];

/** What an error says beside its kind and message. All are optional. */
export interface PluginErrorDetails {
  /** The HTTP status or vendor's code, when there is one. */
  readonly vendorCode?: string | number;
  /** Milliseconds to wait before the next call; only with `rate_limited`, `transient` and `unknown`. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

const marker: unique symbol = Symbol.for('tributary.plugin-error');

/** What a plugin throws when a whole call failed. For single deliveries return outcomes instead. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  readonly kind: PluginErrorKind;
  readonly vendorCode: string | number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly [marker] = true;

  /** @param message in the vendor's words where there are any; never a secret or a person's data. */
  constructor(kind: PluginErrorKind, message: string, details: PluginErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.vendorCode = details.vendorCode;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** True for a `PluginError` of any copy of the SDK; `instanceof` is false for those of another copy. */
export function isPluginError(error: unknown): error is PluginError {
  return typeof error === 'object' && error !== null && marker in error;
}
