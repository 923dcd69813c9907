// From a plugin's answer to one settlement per delivery. The answer is a stranger's: a handle that
// is missing, comes twice or was never handed out, or an outcome of a shape nobody knows, is
// unknown, never success.
import { isPluginError, retryCauses, type PluginErrorKind, type RetryCause } from '@tributary/sdk';
import type { Settlement } from './settlement.ts';
import { cut, keepWords, nameOf } from './vendor-words.ts';

export interface AnswerRules {
  readonly now: number;
  readonly pollAfterMs: number;
  /** Takes secrets out. */
  readonly redact: (words: string) => string;
}

export function readOutcomes(
  answer: unknown,
  handles: readonly string[],
  rules: AnswerRules,
): Map<string, Settlement> {
  const given = Map.groupBy(
    Array.isArray(answer) && answer.length <= mostEntries(handles.length)
      ? answer.map(asEntry)
      : [],
    (entry) => entry.handle,
  );
  const settlements = new Map<string, Settlement>();
  for (const handle of handles) {
    const own = given.get(handle) ?? [];
    const [entry] = own;
    settlements.set(
      handle,
      own.length === 1 && entry !== undefined
        ? readOutcome(entry.outcome, rules)
        : unknown(own.length === 0 ? 'no outcome came back' : 'several outcomes came back'),
    );
  }
  return settlements;
}

/** An answer far longer than the question makes no sense, and reading it would cost the hub its memory. */
function mostEntries(asked: number): number {
  return 2 * asked + 1_000;
}

type Fields = { readonly [name: string]: unknown };

function asEntry(entry: unknown): { readonly handle: unknown; readonly outcome: unknown } {
  const { handle, outcome } = fieldsOf(entry);
  return { handle, outcome };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function readOutcome(outcome: unknown, rules: AnswerRules): Settlement {
  const fields = fieldsOf(outcome);
  const reason = keepWords(text(fields['reason']) ?? 'no reason given', rules.redact);
  switch (fields['kind']) {
    case 'delivered':
      return { kind: 'delivered', ...vendorIdOf(fields) };
    case 'accepted':
      return readAccepted(fields, rules);
    case 'in_doubt':
      return { kind: 'in_doubt', reason, counts: true };
    case 'retry':
      return { kind: 'retry', reason, ...causeOf(fields), ...retryAfterOf(fields) };
    case 'rejected':
      return { kind: 'rejected', reason, code: codeOf(fields['vendorCode']) };
    case 'filtered':
      return { kind: 'filtered', by: 'plugin', reason };
    default:
      return unknown('an outcome of unknown kind came back');
  }
}

function readAccepted(fields: Fields, rules: AnswerRules): Settlement {
  const job = nameOf(fields['job']);
  if (job === undefined) return unknown('accepted without a job');
  const after = milliseconds(fields['pollAfterMs']) ?? rules.pollAfterMs;
  return { kind: 'accepted', job, pollAt: rules.now + after, ...vendorIdOf(fields) };
}

function vendorIdOf(fields: Fields): { readonly vendorId?: string } {
  const vendorId = nameOf(fields['vendorId']);
  return vendorId === undefined ? {} : { vendorId };
}

/** Only what was tried, and failed for no reason that somebody else must mend, uses up an attempt. */
function causeOf(fields: Fields): { readonly counts: boolean; readonly because?: RetryCause } {
  const because = retryCauses.find((cause) => cause === fields['because']);
  const counts = because === undefined || because === 'transient';
  return { counts, ...(because === undefined ? {} : { because }) };
}

function retryAfterOf(fields: Fields): { readonly retryAfterMs?: number } {
  const retryAfterMs = milliseconds(fields['retryAfterMs']);
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function milliseconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function codeOf(code: unknown): string {
  if (typeof code === 'number') return `VENDOR_${code}`;
  return typeof code === 'string' ? `VENDOR_${cut(code, 60)}` : 'VENDOR_REJECTED';
}

function unknown(reason: string): Settlement {
  return { kind: 'in_doubt', reason, counts: true };
}

/** A call that threw, by who must act; anything that is no plugin's error may have happened. */
export interface CallFailure {
  readonly kind: PluginErrorKind;
  readonly reason: string;
  readonly code: string;
  readonly retryAfterMs: number | undefined;
}

export function readFailure(error: unknown, redact: (words: string) => string): CallFailure {
  const words = error instanceof Error ? error.message : 'a call failed without an error';
  const reason = keepWords(words, redact);
  if (!isPluginError(error)) {
    return { kind: 'unknown', reason, code: 'UNKNOWN', retryAfterMs: undefined };
  }
  const { kind, vendorCode, retryAfterMs } = error;
  switch (kind) {
    case 'auth':
    case 'rate_limited':
    case 'rejected':
    case 'transient':
    case 'unknown':
      return { kind, reason, code: codeOf(vendorCode), retryAfterMs: milliseconds(retryAfterMs) };
    default:
      return { kind: 'unknown', reason, code: 'UNKNOWN', retryAfterMs: undefined };
  }
}
