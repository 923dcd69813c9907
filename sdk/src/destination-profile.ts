// Profiles are states too: the vendor's copy of a person follows the hub's.
import type { ChangeDelivery, DestinationCall } from './destination.ts';
import type { JsonObject } from './json.ts';
import type { DeliveryOutcome } from './outcome.ts';

/** A person whose copy at the vendor is to become `next`. */
export interface ProfileDelivery extends ChangeDelivery {
  readonly profileId: string;
  /**
   * What the vendor may have of her: what it last took, and what went out since with an end that is not
   * known. Null at first; only what config maps.
   */
  readonly previous: JsonObject | null;
  /**
   * What it should have; null when the person should no longer be there: take back what was sent, and
   * leave alone what others put there, her places on lists included.
   */
  readonly next: JsonObject | null;
}

/** Keeping the vendor's copy of people. Doing it twice must do no harm. */
export interface ProfileFeature<Settings, Connection> {
  upsert(
    call: DestinationCall<Settings, Connection> & {
      readonly deliveries: readonly ProfileDelivery[];
    },
  ): Promise<readonly DeliveryOutcome[]>;
}
