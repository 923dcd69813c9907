// Forwarded events: each is an action of its own, sent in the order of its lane.
import type { DeliveryBase, DestinationCall } from './destination.ts';
import type { JsonObject } from './json.ts';
import type { DeliveryOutcome } from './outcome.ts';
import type { Identifier, RecordType } from './record.ts';

/**
 * An event as a destination sees it, after the hub stamped and checked it. `properties`, `traits` and `context`
 * are empty where the record had none; `profileId` is empty where nobody is known by its identifiers.
 */
export interface ForwardedEvent {
  /** Stable over retries and replays: the vendor may dedupe by it. */
  readonly messageId: string;
  readonly type: RecordType;
  /** The track event's or page's name, else the type. */
  readonly name: string;
  /** ISO 8601, as the hub stamped it. */
  readonly timestamp: string;
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly identifiers: readonly Identifier[];
  readonly profileId: string;
  readonly properties: JsonObject;
  readonly traits: JsonObject;
  readonly context: JsonObject;
}

/** An event on its way to the person's key at the vendor. */
export interface EventDelivery extends DeliveryBase {
  /** Deliveries of one lane arrive in order; lanes are independent. */
  readonly lane: string;
  readonly event: ForwardedEvent;
}

/**
 * Forwarding of events. Deliveries of one lane are to arrive in their order: where one fails, those behind it in
 * its lane must not have gone out.
 */
export interface EventFeature<Settings, Connection> {
  /** True when the vendor drops a repeated `messageId`: an unknown result is then sent again. */
  readonly idempotent: boolean;
  forward(
    call: DestinationCall<Settings, Connection> & { readonly deliveries: readonly EventDelivery[] },
  ): Promise<readonly DeliveryOutcome[]>;
}
