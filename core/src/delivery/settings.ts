// What config says of one destination instance, as loaded.
import type { DestinationLimits, JsonObject, UnknownSettings } from '@tributary/sdk';

export interface DestinationInstanceSettings {
  readonly id: string;
  readonly plugin: string;
  /** Validated by the plugin's schema. */
  readonly settings: UnknownSettings;
  /** Every one of them must be granted. At least one. */
  readonly purposes: readonly string[];
  /** Which of a member's contact points are sent: the primary one or all. Default `primary`. */
  readonly contactPoints: 'primary' | 'all';
  readonly audiences: readonly AudienceSync[];
  readonly profiles: ProfileSync | undefined;
  readonly events: EventForwarding | undefined;
  readonly actions: readonly ActionRule[];
  readonly limits: DestinationLimits;
  readonly guards: DeliveryGuards;
  readonly retry: RetrySettings;
  /** Plans and gates, but sends nothing: what would be sent is counted and logged. */
  readonly dryRun: boolean;
  readonly enabled: boolean;
}

export interface AudienceSync {
  readonly audience: string;
  /** The vendor's list. */
  readonly list: string;
  /** Vendor field → trait or computed trait of ours. */
  readonly traits: ReadonlyMap<string, string>;
}

export interface ProfileSync {
  /** Only members of this audience; undefined: everybody who can be addressed. */
  readonly audience: string | undefined;
  readonly traits: ReadonlyMap<string, string>;
}

export interface EventForwarding {
  readonly types: readonly ('track' | 'page' | 'screen' | 'identify' | 'group')[];
  /** Track event names; undefined: all. */
  readonly names: ReadonlySet<string> | undefined;
  /** Back-filled events too. Default false. */
  readonly historical?: boolean;
}

export interface ActionRule {
  /** The plugin's word for the action, e.g. `mail`. */
  readonly action: string;
  /** Runs when a contact point enters this audience. */
  readonly audience: string;
  readonly parameters: JsonObject;
  readonly traits: ReadonlyMap<string, string>;
  /** At most once per contact point in so much time. Default 24 h. */
  readonly coolDownMs: number;
}

/** Shares of the list as it stands; crossing one stops the sync and asks. Small lists (< `floor` changes) are exempt. */
export interface DeliveryGuards {
  /** Default 0.3. */
  readonly maxRemovedShare: number;
  /** Default 3 (three times the list). */
  readonly maxAddedShare: number;
  /** Actions that wait or have left within an hour. Default 10,000. */
  readonly maxActionsPerHour: number;
  /** Default 50. */
  readonly floor: number;
}

export interface RetrySettings {
  /** Default 1,000. */
  readonly baseMs: number;
  /** Default 5 minutes. */
  readonly capMs: number;
  /** Attempts before a dead letter. Default 20. */
  readonly maxAttempts: number;
  /** The most a vendor's Retry-After is believed. Default 1 h. */
  readonly maxRetryAfterMs: number;
  /** Failed calls in a row before the breaker opens. Default 5. */
  readonly breakerAfter: number;
}
