// One call of a function that carries no records and no deliveries, such as `check`.
import type { VendorReaction } from './loopback-vendor.ts';
import type { Result } from './settle.ts';
import type { TestLogLine } from './test-log.ts';

export interface FunctionPlay {
  readonly result: Result<unknown>;
  /** How many it made, after opening. */
  readonly requests: number;
  readonly log: readonly TestLogLine[];
  readonly secrets: readonly string[];
  readonly strangers: readonly string[];
  readonly endedAfterAbortMs: number | undefined;
}

export interface FunctionOptions {
  /** From this request on (counted from 0) the vendor reacts so. */
  readonly fault?: { readonly from: number; react(now: number): VendorReaction };
  readonly down?: boolean;
  readonly timeoutMs?: number;
  readonly abortAfterMs?: number;
}
