// What a call of a destination says about each delivery, read by the hub's rules.
import { isPluginError } from '../plugin-error.ts';
import type { DeliveryOutcome, Outcome, RetryCause } from '../outcome.ts';
import type { Result } from './settle.ts';
import { show } from './violation.ts';

/** How the hub reads what became of one delivery. */
export interface Verdict {
  readonly kind: Outcome['kind'] | 'auth' | 'rate_limited' | 'transient' | 'unknown';
  readonly retryAfterMs?: number | undefined;
  /** Of a `retry`. */
  readonly because?: RetryCause | undefined;
  readonly reason?: string;
  /** Thrown for the whole call. */
  readonly thrown: boolean;
}

export type Handled = readonly { readonly handle: string }[];

export function readVerdicts(
  deliveries: Handled,
  result: Result<readonly DeliveryOutcome[]>,
): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const { handle } of deliveries) verdicts.set(handle, verdictOf(handle, result));
  return verdicts;
}

function verdictOf(handle: string, result: Result<readonly DeliveryOutcome[]>): Verdict {
  if ('error' in result) return verdictOfError(result.error);
  const own = result.value.filter((outcome) => outcome.handle === handle);
  const outcome = own[0]?.outcome;
  if (outcome === undefined || own.length > 1) return { kind: 'unknown', thrown: false };
  return {
    kind: outcome.kind,
    retryAfterMs: outcome.kind === 'retry' ? outcome.retryAfterMs : undefined,
    because: outcome.kind === 'retry' ? outcome.because : undefined,
    ...('reason' in outcome ? { reason: outcome.reason } : {}),
    thrown: false,
  };
}

function verdictOfError(error: unknown): Verdict {
  if (!isPluginError(error)) return { kind: 'unknown', reason: show(error), thrown: true };
  const { kind, retryAfterMs, message } = error;
  return { kind, retryAfterMs, reason: message, thrown: true };
}

/** Is the verdict of one of these kinds? */
export function isOneOf(verdict: Verdict, ...kinds: readonly Verdict['kind'][]): boolean {
  return kinds.includes(verdict.kind);
}
