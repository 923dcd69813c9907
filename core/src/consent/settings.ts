// The `purposes` and `consent` sections of a hub's config, as loaded.

export interface PurposeSettings {
  readonly name: string;
  readonly title: string;
  /** What holds where no entry covers the person: `denied` unless a region says otherwise, naming its basis. */
  readonly regions: ReadonlyMap<string, RegionDefault>;
  /** A grant ends so long after it was given, and what proves a consent goes then. Undefined: never. */
  readonly keepMs?: number | undefined;
  /** Traits that are held for this purpose alone: what was said of them so long ago goes as well. */
  readonly traits?: readonly string[];
}

export interface RegionDefault {
  readonly decision: 'granted' | 'denied';
  readonly lawfulBasis: string;
}

export interface ConsentSettings {
  readonly purposes: ReadonlyMap<string, PurposeSettings>;
  /** Purposes that a Global Privacy Control signal denies for the identifiers of its record. */
  readonly gpcDenies: readonly string[];
  /** The trait that holds a person's region (ISO 3166), for `regions`. Default `country`. */
  readonly regionTrait: string;
}

/** Per source instance. */
export interface SourceConsentSettings {
  /** `context.consent.categoryPreferences` id → purposes. */
  readonly categories: ReadonlyMap<string, readonly string[]>;
  /** True: this client-side source is a place of authenticated consent; its grants cover person identifiers too. */
  readonly authenticatedConsent: boolean;
}
