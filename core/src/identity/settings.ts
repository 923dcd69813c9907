// The `identity` section of a hub's config, as loaded: defaults filled in.

export type IdentifierKind = 'person' | 'device';

export interface NamespaceSettings {
  readonly name: string;
  readonly kind: IdentifierKind;
  /** Place in config, 0 is the strongest. */
  readonly priority: number;
  /** Most identifiers of this namespace in one person; undefined: no limit. */
  readonly limit: number | undefined;
  /** Most pairs that one identifier of this namespace keeps with each other namespace; the strongest stay. Default 1,000. */
  readonly fanOut: number;
  /** Traits whose values are identifiers of this namespace, e.g. `['email']`. */
  readonly fromTraits: readonly string[];
  readonly normalise: 'email' | 'phone' | 'lowercase' | 'none';
  /** ISO 3166 country that a phone number without prefix is read in. */
  readonly defaultCountry: string | undefined;
  /** True when a value can be reached: `email`, `phone`, `push_token`. */
  readonly contactPoint: boolean;
  /** Normalised values that are ignored, e.g. `null`, `undefined`, `0`. */
  readonly blocked: ReadonlySet<string>;
  /** Normalised values that identify nobody and are held as contact points. */
  readonly shared: ReadonlySet<string>;
}

export interface IdentitySettings {
  readonly namespaces: ReadonlyMap<string, NamespaceSettings>;
}
