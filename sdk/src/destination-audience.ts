// Audiences are states: the hub knows who should be on a list and who may be there, and asks for
// the difference. Adding twice or removing twice must do no harm.
import type { DeliveryBase, DestinationCall } from './destination.ts';
import type { JsonObject } from './json.ts';
import type { DeliveryOutcome } from './outcome.ts';

export interface MemberDelivery extends DeliveryBase {
  /** Only what config maps for this destination, under the vendor's names. */
  readonly traits: JsonObject;
}

export interface AudienceCall<Settings, Connection> extends DestinationCall<Settings, Connection> {
  /** The vendor's list as config names it (an id or a name; the plugin says which). */
  readonly list: string;
  readonly deliveries: readonly MemberDelivery[];
}

export interface AudienceFeature<Settings, Connection> {
  /** `mirror`: adds and removes. `append`: the vendor cannot remove; config must accept that. */
  readonly mode: 'mirror' | 'append';
  add(call: AudienceCall<Settings, Connection>): Promise<readonly DeliveryOutcome[]>;
  /** Absent only with `append`. */
  remove?(call: AudienceCall<Settings, Connection>): Promise<readonly DeliveryOutcome[]>;
  /** Reads the keys on the list, for reconciliation. */
  list?(
    call: DestinationCall<Settings, Connection> & { readonly list: string },
  ): AsyncIterable<readonly { readonly key: string; readonly vendorId?: string }[]>;
  /** Milliseconds after which a member must be sent again or the vendor forgets her. */
  readonly refreshAfterMs?: number;
}
