// What the author of a source says, so that the suite can play her vendor.
import type { JsonValue } from '../json.ts';
import type { SourceRecord } from '../record.ts';
import type { OldSettings } from './old-settings-checks.ts';
import type { UnknownSettings } from '../settings.ts';
import type { VendorAnswer, VendorRequest } from './loopback-vendor.ts';

/** A request that comes in; a body that is neither text nor bytes is sent as JSON. */
export interface IncomingExample {
  /** Default `POST`. */
  readonly method?: string;
  /** Below the mount, with its query. Default `/`. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | JsonValue;
}

/**
 * Something that comes in, and the records it comes to, in their order. At least one for each way the source
 * works: `request` for `http`, `pull` and `stream` for the functions of that name. Titles are unique.
 */
export type SourceExample =
  | {
      readonly title: string;
      readonly in: { readonly request: IncomingExample };
      readonly out: {
        readonly records: readonly SourceRecord[];
        /** Of the answer. Default: any 2xx. */
        readonly status?: number;
      };
    }
  | {
      readonly title: string;
      /** One pull from the checkpoint on, until it ends. */
      readonly in: { readonly pull: { readonly checkpoint?: JsonValue } };
      readonly out: { readonly records: readonly SourceRecord[] };
    }
  | {
      readonly title: string;
      /** A stream from the checkpoint on, until it has yielded as many records as are expected. */
      readonly in: { readonly stream: { readonly checkpoint?: JsonValue } };
      readonly out: { readonly records: readonly SourceRecord[] };
    };

/** How the senders of a source sign what they send. */
export interface SigningDialect {
  /** The headers that make this body genuine. */
  sign(signing: {
    readonly body: Uint8Array;
    readonly path: string;
    readonly settings: UnknownSettings;
    /** Milliseconds since 1970. */
    readonly now: number;
  }): Readonly<Record<string, string>>;
  /** The settings that hold the secrets it is signed with; `verify.secrets` is `secrets` within `verify`. */
  readonly secrets: readonly string[];
  /** True where the time is signed too and an old signature counts no more. Default false. */
  readonly timed?: boolean;
}

/** All that the suite needs to know of a source: settings, who feeds it, and what comes of what. */
export interface SourceCases {
  /** Settings of an instance that talks to the suite's vendor, secrets included. Called for each play. */
  settings(vendorUrl: string): UnknownSettings;
  /** What a source that pulls reads from: the same data for the same request, two pages at least. */
  readonly vendor?: {
    respond(request: VendorRequest): VendorAnswer | Promise<VendorAnswer>;
    /** «Too fast», where the vendor does not say it with status 429 and `Retry-After`. */
    rateLimited?(waitMs: number, now: number): VendorAnswer;
    /** «Wrong credentials», where the vendor does not say it with status 401. */
    unauthorised?(): VendorAnswer;
  };
  /** Settings of older versions, one for each step of `migrations` at least. */
  readonly oldSettings?: readonly OldSettings[];
  /**
   * What a source that streams listens to, where that is no HTTP: started anew for each play, and told
   * to `settings` in place of the vendor's address. It offers the same data each time.
   */
  readonly upstream?: () => Promise<{ readonly url: string; stop(): Promise<void> }>;
  /** Left out only where nobody signs what comes in. */
  readonly signing?: SigningDialect;
  /** At least one, with records, for each of `http`, `pull` and `stream` that the plugin has. */
  readonly examples: readonly SourceExample[];
}
