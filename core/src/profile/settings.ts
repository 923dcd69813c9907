// The `traits` and `computed` sections of a hub's config, as loaded.
import type { Measure } from './measure.ts';

export const traitTypes = ['string', 'number', 'boolean', 'time', 'list', 'json'] as const;
export type TraitType = (typeof traitTypes)[number];

export const mergePolicies = [
  'latest',
  'oldest',
  'most_frequent',
  'union',
  'max',
  'min',
  'source_priority',
] as const;
export type MergePolicy = (typeof mergePolicies)[number];

export interface TraitSettings {
  readonly name: string;
  /** Undefined: any JSON value is taken as it is. */
  readonly type: TraitType | undefined;
  readonly merge: MergePolicy;
  /** With `source_priority`: instances, the strongest first. */
  readonly sources: readonly string[];
  /** With `union`: most values kept, the greatest by canonical bytes. Default 100. */
  readonly limit: number;
  /** Standardisation of the value before it is folded. */
  readonly standardise: 'email' | 'phone' | 'country' | 'currency' | 'time' | 'none';
  /** Source value → our value, e.g. `{ m: male, f: female }`; compared in lower case. */
  readonly categories: ReadonlyMap<string, string> | undefined;
}

export interface ProfileSettings {
  /** Traits that config names; any other trait is `latest` of any type. */
  readonly traits: ReadonlyMap<string, TraitSettings>;
  readonly computed: ReadonlyMap<string, ComputedTrait>;
  /** Traits that the hub itself goes by: they are kept as declared ones are. Undefined: none. */
  readonly needed?: ReadonlySet<string>;
  /** How a primary contact point is chosen per namespace. Default `latest`. */
  readonly primary: ReadonlyMap<string, 'latest' | 'oldest' | 'most_trusted'>;
}

export interface ComputedTrait {
  readonly name: string;
  readonly measure: Measure;
}
