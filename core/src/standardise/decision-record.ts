// What an operator decides about two identifiers. It lies in the log like any record, so that a rebuild
// takes it again; no source can send one, for the shape of its records knows nothing of it.
import type { Identifier } from '@tributary/sdk';

/**
 * `merge`: they are one person. `separate`: they never are, whatever is observed; `lift` takes that back.
 * `retract`: what was observed of the two up to a time does not count.
 */
export const decisionKinds = ['merge', 'separate', 'lift', 'retract'] as const;
export type DecisionKind = (typeof decisionKinds)[number];

export interface DecisionRecord {
  readonly type: 'decision';
  readonly decision: DecisionKind;
  readonly messageId: string;
  readonly identifiers: readonly [Identifier, Identifier];
  /** `retract`: up to when, milliseconds since 1970; left out: until it was decided. */
  readonly upTo?: number;
  /** Whose key it was, e.g. `key:ab12`. */
  readonly actor: string;
}

/** A decision as resolve works on it; the two identifiers are the record's. */
export interface StandardDecision {
  readonly kind: DecisionKind;
  /** Never after the record's own time: who stands in a decision that counts is known by it. */
  readonly upTo: number;
  readonly actor: string;
}

export function isDecision(record: object): record is DecisionRecord {
  return 'type' in record && record.type === 'decision';
}
