// Forwarded events: each is an action of its own, sent in the order of its lane.
import type { DeliveryBase, DestinationCall } from './destination.ts';
import type { JsonObject } from './json.ts';
import type { DeliveryOutcome } from './outcome.ts';
import type { Identifier, RecordType } from './record.ts';

export interface ForwardedEvent {
  /** Stable over retries and replays: the vendor may dedupe by it. */
  readonly messageId: string;
  readonly type: RecordType;
  /** The track event's or page's name, else the type. */
  readonly name: string;
  /** ISO 8601, as the hub stamped it. */
  readonly timestamp: string;
  readonly receivedAt: string;
  readonly identifiers: readonly Identifier[];
  readonly profileId: string;
  readonly properties: JsonObject;
  readonly traits: JsonObject;
  readonly context: JsonObject;
}

export interface EventDelivery extends DeliveryBase {
  /** Deliveries of one lane arrive in order; lanes are independent. */
  readonly lane: string;
  readonly event: ForwardedEvent;
}

export interface EventFeature<Settings, Connection> {
  /** True when the vendor drops a repeated `messageId`: an unknown result is then sent again. */
  readonly idempotent: boolean;
  forward(
    call: DestinationCall<Settings, Connection> & { readonly deliveries: readonly EventDelivery[] },
  ): Promise<readonly DeliveryOutcome[]>;
}
