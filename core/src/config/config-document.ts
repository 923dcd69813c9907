// The document as YAML has it, once the schema accepted it and filled in its defaults. Rules and
// measures are still unknown here: their parsers judge them.
import type { JsonObject, Trust } from '@tributary/sdk';
import type { IdentifierKind, NamespaceSettings } from '../identity/settings.ts';
import type { MergePolicy, TraitSettings, TraitType } from '../profile/settings.ts';

export interface ConfigDocument {
  readonly tributary: 1;
  readonly hub: HubDocument;
  readonly identity: IdentityDocument;
  readonly traits: Named<TraitDocument>;
  readonly computed: Named<unknown>;
  readonly primary: Named<'latest' | 'oldest' | 'most_trusted'>;
  readonly purposes: Named<string | PurposeDocument>;
  readonly consent: { readonly gpcDenies: readonly string[]; readonly regionTrait: string };
  readonly audiences: Named<{ readonly title?: string; readonly rule: unknown }>;
  readonly sources: Named<SourceDocument>;
  readonly destinations: Named<DestinationDocument>;
}

export type Named<Value> = Readonly<Record<string, Value>>;

export interface HubDocument {
  readonly name: string;
  readonly store:
    string | { readonly folder?: string; readonly url?: string; readonly schema: string };
  readonly key?: string;
  readonly earlierKey?: string;
  readonly http: { readonly host: string; readonly port: number; readonly trustProxy: number };
  readonly intake: {
    readonly maxRecordSize: string | number;
    readonly maxDepth: number;
    readonly maxIdentifiers: number;
    readonly maxTraits: number;
    readonly maxWaiting: number;
    readonly groupRecords: number;
    readonly maxClockCorrection: string;
  };
  readonly plugins: { readonly hangAfter: string };
  readonly audit: { readonly heads?: string; readonly every: string };
  readonly backups?: string;
  readonly privacy: {
    readonly deadline: string;
    readonly journal?: string;
    readonly retention: RetentionDocument;
  };
}

export interface RetentionDocument {
  readonly people?: string;
  readonly peopleWithoutPurpose?: string;
  readonly quarantine?: string;
  readonly deadLetters?: string;
}

export interface IdentityDocument {
  readonly namespaces?: Named<NamespaceDocument>;
  readonly order?: readonly string[];
  readonly blocked: readonly string[];
  readonly shared: Named<readonly string[]>;
}

export interface NamespaceDocument {
  readonly kind?: IdentifierKind;
  readonly limit?: number;
  readonly fanOut?: number;
  readonly fromTraits?: readonly string[];
  readonly normalise?: NamespaceSettings['normalise'];
  readonly defaultCountry?: string;
  readonly contactPoint?: boolean;
}

export interface TraitDocument {
  readonly type?: TraitType;
  readonly merge: MergePolicy;
  readonly sources: readonly string[];
  readonly limit: number;
  readonly standardise: TraitSettings['standardise'];
  readonly categories?: Named<string>;
}

export interface PurposeDocument {
  readonly title: string;
  readonly regions: Named<{
    readonly decision: 'granted' | 'denied';
    readonly lawfulBasis: string;
  }>;
  readonly retention?: string;
  readonly traits: readonly string[];
}

export interface SourceDocument {
  readonly plugin: string;
  readonly settings: JsonObject;
  readonly enabled: boolean;
  readonly mount?: string;
  readonly every: string;
  readonly trust: { readonly server: Trust; readonly client: Trust };
  readonly consent: {
    readonly categories: Named<readonly string[]>;
    readonly authenticatedConsent: boolean;
  };
  readonly trackingPlan?: {
    readonly mode: 'strict' | 'lenient';
    readonly events: Named<object>;
  };
  readonly historicalAfter: string;
  readonly retention?: string;
  readonly bringsBack?: boolean;
}

export interface DestinationDocument {
  readonly plugin: string;
  readonly settings: JsonObject;
  readonly enabled: boolean;
  readonly dryRun: boolean;
  readonly purposes: readonly string[];
  readonly contactPoints: 'primary' | 'all';
  readonly audiences: readonly {
    readonly audience: string;
    readonly list: string;
    readonly traits: Named<string>;
  }[];
  readonly profiles: boolean | { readonly audience?: string; readonly traits: Named<string> };
  readonly events:
    | boolean
    | {
        readonly types: readonly ('track' | 'page' | 'screen' | 'identify' | 'group')[];
        readonly names?: readonly string[];
      };
  readonly actions: readonly {
    readonly action: string;
    readonly audience: string;
    readonly parameters: JsonObject;
    readonly traits: Named<string>;
    readonly coolDown: string;
  }[];
  readonly limits: {
    readonly batchRecords?: number;
    readonly batchSize?: string | number;
    readonly concurrency?: number;
    readonly callsPerSecond?: number;
    readonly timeout?: string;
    readonly pollAfter?: string;
  };
  readonly guards: {
    readonly maxRemovedShare: number;
    readonly maxAddedShare: number;
    readonly maxActionsPerHour: number;
    readonly floor: number;
  };
  readonly retry: {
    readonly base: string;
    readonly cap: string;
    readonly maxAttempts: number;
    readonly maxRetryAfter: string;
    readonly breakerAfter: number;
  };
}
