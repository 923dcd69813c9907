// What one batch did, for metrics and for people who watch.

export interface BatchReport {
  /** The cursor after it. */
  readonly upTo: number;
  /** How long the transaction took, milliseconds. */
  readonly milliseconds: number;
  readonly events: number;
  readonly quarantined: number;
  /** Profiles that are new or have other traits. */
  readonly people: number;
  /** Statements of traits that were left out because their subject has as many names as are kept. */
  readonly traitsLeftOut: number;
  /** Members of the largest component of identifiers that was computed. */
  readonly largestComponent: number;
  readonly merges: number;
  readonly splits: number;
  readonly consents: number;
  /** Audience → how many. */
  readonly entered: ReadonlyMap<string, number>;
  readonly left: ReadonlyMap<string, number>;
}
