// A rule as loaded from config: a tree of conditions with two-valued logic.
import type { Comparison } from '../profile/comparison.ts';
import type { Measure } from '../profile/measure.ts';

export type Rule =
  | { readonly kind: 'all' | 'any'; readonly rules: readonly Rule[] }
  | { readonly kind: 'not'; readonly rule: Rule }
  /** A folded trait; the path goes down into json traits. */
  | { readonly kind: 'trait'; readonly path: readonly string[]; readonly comparison: Comparison }
  /** A computed trait or an event condition: a measure taken now. */
  | { readonly kind: 'measure'; readonly measure: Measure; readonly comparison: Comparison }
  /** Membership of another audience; references are acyclic, checked at load. */
  | { readonly kind: 'audience'; readonly name: string }
  /** Holds an identifier of the namespace. */
  | { readonly kind: 'identifier'; readonly namespace: string };

export interface AudienceSettings {
  readonly name: string;
  readonly title: string;
  readonly rule: Rule;
}

/** In dependency order: an audience comes after those its rule names. */
export type AudiencesSettings = readonly AudienceSettings[];
