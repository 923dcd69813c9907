// A measure is a number (or value) taken over a profile's events: what computed traits and event
// conditions of audience rules are both made of.
import type { Comparison } from './comparison.ts';

/** Which events count; one that several selectors choose counts once. `name` undefined: every event of the type. */
export interface EventSelector {
  readonly type: 'track' | 'page' | 'screen';
  readonly name: string | undefined;
  /** Property path (dots go down) → what it must be; all must hold. */
  readonly where: readonly PropertyCondition[];
}

export interface PropertyCondition {
  readonly path: readonly string[];
  readonly comparison: Comparison;
}

/**
 * When events count, seen from the moment t of evaluation. All are half-open: an event at time a is
 * inside (t − from, t − to] iff t − from < a ≤ t − to. Milliseconds.
 */
export type Window =
  /** All up to t. */
  | { readonly kind: 'ever' }
  | { readonly kind: 'sliding'; readonly fromMs: number; readonly toMs: number }
  /** From the start of the current day, week (Monday), month or year in the named time zone, inclusive, up to t. */
  | {
      readonly kind: 'calendar';
      readonly unit: 'day' | 'week' | 'month' | 'year';
      readonly timeZone: string;
    };

export type Aggregate =
  | { readonly kind: 'count' }
  /** Numeric values only; others are passed over. Exact decimals. A sum of nothing is 0, the others have no value. */
  | { readonly kind: 'sum' | 'average' | 'min' | 'max'; readonly path: readonly string[] }
  /** Number of distinct scalar values. */
  | { readonly kind: 'distinct'; readonly path: readonly string[] }
  /** The time of the first or last event, or (with a path) the property's value there; ties by message hash. */
  | { readonly kind: 'first' | 'last'; readonly path: readonly string[] | undefined }
  /** Sum over events of the score that the table gives to the event's name (exact decimals as text). */
  | { readonly kind: 'score'; readonly scores: ReadonlyMap<string, string> };

export interface Measure {
  /** Any of them; with `score` the selectors are the table's names. */
  readonly events: readonly EventSelector[];
  readonly window: Window;
  readonly aggregate: Aggregate;
}
