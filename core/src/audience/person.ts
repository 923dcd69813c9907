// What rules look at of one person.
import type { JsonObject } from '@tributary/sdk';
import type { MeasureEvent, MeasureResult } from '../profile/measure-value.ts';

/** One person, as plain data. */
export interface RuleInput {
  readonly traits: JsonObject;
  /** Namespaces of the identifiers and contact points that the person holds now. */
  readonly namespaces: ReadonlySet<string>;
  readonly events: readonly MeasureEvent[];
}

/** One person with measures that are taken on demand, or were taken elsewhere. */
export interface MeasuredPerson {
  readonly traits: JsonObject;
  readonly namespaces: ReadonlySet<string>;
  /** By the measure's place in the set. */
  measure(slot: number): MeasureResult;
}
