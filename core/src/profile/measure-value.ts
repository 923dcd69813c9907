// What a measure is taken over, and what it yields.
import type { JsonObject, JsonValue } from '@tributary/sdk';
import type { Decimal } from './evaluate-decimal.ts';

export interface MeasureEvent {
  readonly type: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Breaks ties of time. */
  readonly messageHash: string;
  readonly properties: JsonObject;
}

export type MeasureValue =
  | { readonly kind: 'number'; readonly value: Decimal }
  /** Kept as its two parts: a quotient has no exact decimal. */
  | { readonly kind: 'average'; readonly sum: Decimal; readonly count: number }
  | { readonly kind: 'time'; readonly at: number }
  /** A property's value; null counts as missing. */
  | { readonly kind: 'json'; readonly value: JsonValue };

export interface MeasureResult {
  /** Undefined: there is nothing to measure. Counts, sums and scores of nothing are 0 instead. */
  readonly value: MeasureValue | undefined;
  /** The earliest later moment at which an event enters or leaves the window; Infinity: never. */
  readonly nextChangeAt: number;
}

/** Which shape the values of a measure have, whatever the events. */
export type MeasureValueKind = MeasureValue['kind'];
