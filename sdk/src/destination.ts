// What a destination plugin is: an object literal given to `defineDestination`. It moves batches and
// reports outcomes; whom to send, whether it is allowed, when and how often is the hub's business.
import type { ActionDefinition } from './destination-action.ts';
import type { AudienceFeature } from './destination-audience.ts';
import type { EventFeature } from './destination-event.ts';
import type { ProfileFeature } from './destination-profile.ts';
import type { PluginContext } from './context.ts';
import type { DeliveryOutcome } from './outcome.ts';
import { markPlugin, specVersion, type PluginMark } from './plugin.ts';
import type {
  SettingsFinding,
  SettingsOf,
  SettingsSchema,
  SettingsTest,
  UnknownSettings,
} from './settings.ts';
import type { SettingsMigration } from './settings-migration.ts';

export interface DestinationLimits {
  /** Most deliveries in one call. Default 500. */
  readonly batchRecords?: number;
  /** Most bytes of JSON in one call, by the hub's own measure. Default 1 MiB. */
  readonly batchBytes?: number;
  /** Calls at the same time, per credential. Default 2. */
  readonly concurrency?: number;
  /** Calls per second, per credential. Default: no limit. */
  readonly callsPerSecond?: number;
  /** A call is aborted after this long; what it carried is then unknown. Default 30,000. */
  readonly timeoutMs?: number;
  /** First question about a job after this long. Default 5,000. */
  readonly pollAfterMs?: number;
}

// Typed as a method is, so that a plugin with settings of its own is a plugin to the hub as well.
type LimitsOfSettings<Settings> = {
  limits(settings: Settings): DestinationLimits;
}['limits'];

export interface DestinationCall<Settings, Connection> extends PluginContext<Settings> {
  readonly connection: Connection;
}

/** What every delivery carries. */
export interface DeliveryBase {
  /** Opaque; the outcome comes back under it. */
  readonly handle: string;
  /** The exact key the vendor knows the person by, as `key` made it. */
  readonly key: string;
  readonly identifier: { readonly namespace: string; readonly value: string };
  /** The vendor's own id for the key, if an outcome ever named one. */
  readonly vendorId?: string;
}

export interface EraseDelivery extends DeliveryBase {}

export interface DestinationDefinition<Settings, Connection = undefined> {
  /** The package's word for itself, kebab-case, e.g. `sendgrid`. */
  readonly name: string;
  readonly title: string;
  readonly settings: SettingsSchema;
  /** Steps from older settings to these, the oldest first. Default: there are none older. */
  readonly migrations?: readonly SettingsMigration[];
  /** Namespaces of identifiers that the vendor can address, the preferred first, e.g. `['email']`. */
  readonly identifiers: readonly string[];
  /** The channel that consent is asked for: `email`, `sms`, `push`, `ads`, `data`. */
  readonly channel: string;
  /** Identifier → the exact vendor key. Pure. Default: the value as the hub has it. */
  key?(
    identifier: { readonly namespace: string; readonly value: string },
    settings: Settings,
  ): string;
  readonly limits?: DestinationLimits | LimitsOfSettings<Settings>;
  validate?(settings: Settings): readonly SettingsFinding[];
  /** Runs the tests that settings carry of themselves (`tributary check --tests`). Opens and sends nothing. */
  testSettings?(settings: Settings): Promise<readonly SettingsTest[]>;
  open?(context: PluginContext<Settings>): Promise<Connection> | Connection;
  close?(call: DestinationCall<Settings, Connection>): Promise<void> | void;
  /** Are the credentials good? Throws a `PluginError` where not. Changes nothing. */
  check?(call: DestinationCall<Settings, Connection>): Promise<void>;
  /** Creates at the vendor what deliveries need (lists, fields). Run on the admin's explicit word; safe to repeat. */
  setup?(
    call: DestinationCall<Settings, Connection> & { readonly lists: readonly string[] },
  ): Promise<{ readonly created: readonly string[] }>;
  readonly audiences?: AudienceFeature<Settings, Connection>;
  readonly profiles?: ProfileFeature<Settings, Connection>;
  readonly events?: EventFeature<Settings, Connection>;
  readonly actions?: Readonly<Record<string, ActionDefinition<Settings, Connection>>>;
  /** Removes the person at the vendor altogether. Idempotent. */
  erase?(
    call: DestinationCall<Settings, Connection> & {
      readonly deliveries: readonly EraseDelivery[];
    },
  ): Promise<readonly DeliveryOutcome[]>;
  /** How does this job stand? Per handle that it carried; `accepted` again while it is running. */
  poll?(
    call: DestinationCall<Settings, Connection> & {
      readonly job: string;
      readonly deliveries: readonly DeliveryBase[];
    },
  ): Promise<readonly DeliveryOutcome[]>;
}

export interface DestinationPlugin<Settings = UnknownSettings, Connection = unknown>
  extends DestinationDefinition<Settings, Connection>, PluginMark<'destination'> {}

/** Declares a destination. Has no side effect: the hub opens it where config names it. */
export function defineDestination<const Schema extends SettingsSchema, Connection = undefined>(
  definition: DestinationDefinition<SettingsOf<Schema>, Connection> & { readonly settings: Schema },
): DestinationPlugin<SettingsOf<Schema>, Connection> & { readonly settings: Schema } {
  return markPlugin({ ...definition, kind: 'destination', specVersion });
}
