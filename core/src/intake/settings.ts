// What config says of one source instance, and the bounds of intake, as loaded.
import type { Trust, UnknownSettings } from '@tributary/sdk';
import type { SourceConsentSettings } from '../consent/settings.ts';

export interface SourceInstanceSettings {
  readonly id: string;
  /** Package name. */
  readonly plugin: string;
  /** Validated by the plugin's schema. */
  readonly settings: UnknownSettings;
  /** Where the http handler listens; undefined: the plugin's own mount. */
  readonly mount: string | undefined;
  readonly pullEveryMs: number;
  /** Trust of a record by its origin; a record may claim less, never more. Default authenticated / declared. */
  readonly trust: { readonly server: Trust; readonly client: Trust };
  readonly consent: SourceConsentSettings;
  /** JSON Schema per track event name. `strict`: what is not in the plan, or not as planned, is quarantined; `lenient`: counted and let in. */
  readonly trackingPlan: TrackingPlan | undefined;
  /** Records stamped more than this before they were received count as back-filled. Default 24 h. */
  readonly historicalAfterMs: number;
  /** Whether a live, authenticated record may bring back somebody who was erased. Default true. */
  readonly bringsBack?: boolean;
  /** What its records say goes so long after it happened, but for whom they name and for consent. Default: never. */
  readonly keepMs?: number | undefined;
  readonly enabled: boolean;
}

export interface TrackingPlan {
  readonly mode: 'strict' | 'lenient';
  readonly events: ReadonlyMap<string, object>;
}

export interface IntakeBounds {
  /** Of one record as JSON. Default 32 KiB. */
  readonly maxRecordBytes: number;
  /** Of nested JSON. Default 32. */
  readonly maxDepth: number;
  /** Identifiers in one record. Default 20. */
  readonly maxIdentifiers: number;
  /** Traits in one record. Default 500. */
  readonly maxTraits: number;
  /** Most records that wait for a group commit before sources are told to wait. Default 20,000. */
  readonly maxWaiting: number;
  /** Most records in one group commit. Default 1,000. */
  readonly groupRecords: number;
  /** A client clock may be corrected by at most this much. Default 365 days. */
  readonly maxClockCorrectionMs: number;
}
