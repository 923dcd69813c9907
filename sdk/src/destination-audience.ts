// Audiences are states: the hub knows who should be on a list and who may be there, and asks for
// the difference. Adding twice or removing twice must do no harm.
import type { ChangeDelivery, DestinationCall } from './destination.ts';
import type { JsonObject } from './json.ts';
import type { DeliveryOutcome } from './outcome.ts';

/** Somebody who is to be on a list, or off it. */
export interface MemberDelivery extends ChangeDelivery {
  /** Only what config maps for this destination, under the vendor's names. */
  readonly traits: JsonObject;
}

/** One call about one list: all of its deliveries are to be added, or all to be removed. */
export interface AudienceCall<Settings, Connection> extends DestinationCall<Settings, Connection> {
  /** The vendor's list as config names it (an id or a name; the plugin says which). */
  readonly list: string;
  readonly deliveries: readonly MemberDelivery[];
}

interface AudienceParts<Settings, Connection> {
  add(call: AudienceCall<Settings, Connection>): Promise<readonly DeliveryOutcome[]>;
  /**
   * Reads the keys on the list, page by page, for reconciliation: every one of them, those included that the hub
   * never sent. `key` is exactly as `key` of the definition makes it.
   */
  list?(
    call: DestinationCall<Settings, Connection> & { readonly list: string },
  ): AsyncIterable<readonly { readonly key: string; readonly vendorId?: string }[]>;
  /** Milliseconds after which a member must be sent again or the vendor forgets her. Default: never. */
  readonly refreshAfterMs?: number;
}

/** Lists that follow the hub: who should be there is added, who should not is removed. */
export interface MirrorAudience<Settings, Connection> extends AudienceParts<Settings, Connection> {
  readonly mode: 'mirror';
  remove(call: AudienceCall<Settings, Connection>): Promise<readonly DeliveryOutcome[]>;
}

/**
 * Lists that only grow, because the vendor cannot remove. Whoever withdraws consent stays there, so config must
 * accept it.
 */
export interface AppendAudience<Settings, Connection> extends AudienceParts<Settings, Connection> {
  readonly mode: 'append';
  /** Never there: the hub would not call it. */
  readonly remove?: undefined;
}

/** Keeping people on lists at the vendor. */
export type AudienceFeature<Settings, Connection> =
  MirrorAudience<Settings, Connection> | AppendAudience<Settings, Connection>;
