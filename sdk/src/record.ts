// What a source plugin emits. A record is a claim about people as the source saw it; the hub
// stamps its time, checks it, and from then on calls it an event.
import type { JsonObject } from './json.ts';

export const recordTypes = [
  'identify',
  'track',
  'page',
  'screen',
  'group',
  'alias',
  'consent',
  'delete',
] as const;
export type RecordType = (typeof recordTypes)[number];

/**
 * How much a claim about identifiers is worth, strongest first.
 * `manual` an operator decided; `authenticated` the person logged in or a server vouches for her;
 * `confirmed` she proved to hold it (double opt-in); `transacted` it was used in a purchase;
 * `declared` somebody typed it; `inferred` a model guessed it.
 */
export const trustLevels = [
  'manual',
  'authenticated',
  'confirmed',
  'transacted',
  'declared',
  'inferred',
] as const;
export type Trust = (typeof trustLevels)[number];

/** Namespace and value, e.g. `{ namespace: 'email', value: 'ada@example.com' }`. */
export interface Identifier {
  readonly namespace: string;
  readonly value: string;
}

/** One statement about one purpose. It covers exactly the identifiers that its record names. */
export interface ConsentChange {
  /** A purpose of the hub's config, e.g. `email_marketing`. */
  readonly purpose: string;
  /** `email`, `sms`, `push`, …; left out: every channel. */
  readonly channel?: string;
  readonly status: 'granted' | 'denied' | 'withdrawn';
  /** GDPR article 6 basis, default `consent`. */
  readonly lawfulBasis?: string;
  /** The version of the text that was shown. */
  readonly textVersion?: string;
  /** What proves it: a form's URL, a double opt-in id, a call's number. Bounded to 4 KiB of JSON. */
  readonly evidence?: JsonObject;
  /** ISO 3166 country or subdivision whose law applies, e.g. `DE`, `US-CA`. */
  readonly jurisdiction?: string;
  /** ISO 8601; from then on the entry no longer counts. */
  readonly expiresAt?: string;
}

interface RecordBase {
  /** The source's own id of this message: the key of deduplication, at most 200 characters. Left out: a hash of the record. */
  readonly messageId?: string;
  /** Who this is about. At least one, except on `delete` of a whole source. */
  readonly identifiers: readonly Identifier[];
  /** When it happened, by the client's clock. ISO 8601 or milliseconds. Left out: when it was received. */
  readonly timestamp?: string | number;
  /** When the client sent it, by the same clock. Corrects `timestamp` for a clock that is off. */
  readonly sentAt?: string | number;
  /** How often this message was sent before (`X-Retry-Count`). Above 0 no clock is corrected. */
  readonly retryCount?: number;
  /** Where it came from: a `client` holds a public key and may be anybody, a `server` holds a secret. Default `server`. */
  readonly origin?: 'client' | 'server';
  /** Never stronger than what config gives to the source. */
  readonly trust?: Trust;
  /** With `trust: 'inferred'`: 0 < probability < 1. */
  readonly probability?: number;
  /** True for a back-fill: builds profiles and audiences, never causes an action. */
  readonly historical?: boolean;
  readonly context?: JsonObject;
  /** Segment's per-destination switch: `{ All: false, "Instance": true }`. */
  readonly integrations?: JsonObject;
  /** Consent that came along with this record. */
  readonly consents?: readonly ConsentChange[];
}

export interface IdentifyRecord extends RecordBase {
  readonly type: 'identify';
  /** A trait set to null is deleted. */
  readonly traits: JsonObject;
}
export interface TrackRecord extends RecordBase {
  readonly type: 'track';
  readonly event: string;
  readonly properties?: JsonObject;
}
export interface PageRecord extends RecordBase {
  readonly type: 'page' | 'screen';
  readonly name?: string;
  readonly category?: string;
  readonly properties?: JsonObject;
}
export interface GroupRecord extends RecordBase {
  readonly type: 'group';
  readonly groupId: string;
  readonly traits?: JsonObject;
}
/** Says that `previous` and the record's identifiers are one person. */
export interface AliasRecord extends RecordBase {
  readonly type: 'alias';
  readonly previous: Identifier;
}
export interface ConsentRecord extends RecordBase {
  readonly type: 'consent';
  readonly consents: readonly ConsentChange[];
}
/** Erases what is known of exactly these identifiers up to the record's time. */
export interface DeleteRecord extends RecordBase {
  readonly type: 'delete';
}

export type SourceRecord =
  | IdentifyRecord
  | TrackRecord
  | PageRecord
  | GroupRecord
  | AliasRecord
  | ConsentRecord
  | DeleteRecord;
