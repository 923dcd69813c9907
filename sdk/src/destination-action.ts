// Actions happen once: a mail, a push. Where the vendor has no idempotency key, a result that is not
// known stays in doubt and is never sent again by itself.
import type { DeliveryBase, DestinationCall } from './destination.ts';
import type { JsonObject } from './json.ts';
import type { DeliveryOutcome } from './outcome.ts';
import type { SettingsSchema } from './settings.ts';

/** Somebody for whom an action is to be done once. */
export interface ActionDelivery extends DeliveryBase {
  /** Stable over retries: the vendor may dedupe by it. */
  readonly actionId: string;
  /** The audience that caused it, by its name in config. */
  readonly audience: string;
  readonly profileId: string;
  readonly traits: JsonObject;
  /** The action's own settings in config, validated by its schema. */
  readonly parameters: JsonObject;
}

/**
 * A thing the vendor can be asked to do for somebody, e.g. send a mail. Config names it by its key in `actions`.
 */
export interface ActionDefinition<Settings, Connection> {
  /** For people, e.g. `Send a mail`. */
  readonly title: string;
  /** False: an unknown result stays in doubt, settled by evidence or by a person. */
  readonly idempotent: boolean;
  /** What config must say where it uses the action (a template, a subject). */
  readonly parameters?: SettingsSchema;
  run(
    call: DestinationCall<Settings, Connection> & {
      readonly deliveries: readonly ActionDelivery[];
    },
  ): Promise<readonly DeliveryOutcome[]>;
}
