// Profiles are states too: the vendor's copy of a person follows the hub's.
import type { DeliveryBase, DestinationCall } from './destination.ts';
import type { JsonObject } from './json.ts';
import type { DeliveryOutcome } from './outcome.ts';

export interface ProfileDelivery extends DeliveryBase {
  readonly profileId: string;
  /** What the vendor was last known to have, null at first; only what config maps. */
  readonly previous: JsonObject | null;
  /** What it should have; null when the person should no longer be there. */
  readonly next: JsonObject | null;
}

export interface ProfileFeature<Settings, Connection> {
  upsert(
    call: DestinationCall<Settings, Connection> & {
      readonly deliveries: readonly ProfileDelivery[];
    },
  ): Promise<readonly DeliveryOutcome[]>;
}
