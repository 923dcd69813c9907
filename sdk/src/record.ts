// What a source plugin emits. A record is a claim about people as the source saw it; the hub
// stamps its time, checks it, and from then on calls it an event.
import type { JsonObject } from './json.ts';

/** The types of records, each with a shape of its own (see `SourceRecord`). */
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

/** One of `recordTypes`. */
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

/** One of `trustLevels`. */
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
  /**
   * True where `messageId` is only a hash of what was sent: the same words later may be said anew, so what they deny
   * counts each time, unless the record has a `timestamp`. Default false.
   */
  readonly isContentId?: boolean;
  /** Who this is about. At least one; at most 20, unless config says otherwise. */
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

/** Says what somebody is: her traits, set over what is known of her. */
export interface IdentifyRecord extends RecordBase {
  readonly type: 'identify';
  /** A trait set to null is deleted. */
  readonly traits: JsonObject;
}

/** Says what somebody did. `event` has 1 to 200 characters. */
export interface TrackRecord extends RecordBase {
  readonly type: 'track';
  readonly event: string;
  readonly properties?: JsonObject;
}

/** Says which page or screen somebody saw. `name` and `category` have at most 200 characters. */
export interface PageRecord extends RecordBase {
  readonly type: 'page' | 'screen';
  readonly name?: string;
  readonly category?: string;
  readonly properties?: JsonObject;
}

/** Says that somebody belongs to a group, e.g. her company. `groupId` has 1 to 200 characters. */
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

/** Says what somebody allowed or forbade: 1 to 100 changes, each about one purpose. */
export interface ConsentRecord extends RecordBase {
  readonly type: 'consent';
  readonly consents: readonly ConsentChange[];
}
/** Erases what is known of exactly these identifiers up to the record's time. */
export interface DeleteRecord extends RecordBase {
  readonly type: 'delete';
}

/**
 * What a source yields: one claim about people. As JSON it is bounded by config in bytes and depth; a record
 * that breaks a bound or a rule goes to quarantine, and the rest of its request or page is taken.
 */
export type SourceRecord =
  | IdentifyRecord
  | TrackRecord
  | PageRecord
  | GroupRecord
  | AliasRecord
  | ConsentRecord
  | DeleteRecord;

/**
 * What stands for an item of a vendor's page that cannot be read. The hub keeps it in quarantine with the item
 * as it came and tells so, and hands its JSON to `reread` when somebody replays it; an item that is dropped instead is
 * lost, and nobody is told.
 * @param item any JSON
 */
export function unreadableRecord(item: unknown): SourceRecord {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of no type, so that intake refuses it
  return { type: 'unreadable', item } as unknown as SourceRecord;
}
