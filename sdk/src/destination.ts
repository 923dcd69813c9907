// What a destination plugin is: an object literal given to `defineDestination`. It moves batches and
// reports outcomes; whom to send, whether it is allowed, when and how often is the hub's business.
import type { ActionDefinition } from './destination-action.ts';
import type { AudienceFeature } from './destination-audience.ts';
import type { EventFeature } from './destination-event.ts';
import type { ProfileFeature } from './destination-profile.ts';
import type { PluginContext } from './context.ts';
import type { OpensConnection } from './connection.ts';
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

/** What the vendor can bear. Config may narrow each of them and widen none, but for `pollAfterMs`. */
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

/**
 * What each function of a destination is given, beside what it is to do: the context, and what `open` returned
 * (undefined where there is no `open`).
 */
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

/** A change of what should be so: somebody on a list or off it, a profile, an erasure. */
export interface ChangeDelivery extends DeliveryBase {
  /**
   * Names this change, at most 64 letters, digits, `-` and `_`: the same for every attempt at it, over
   * restarts too, and another for every other change, be it of the same person on the same list. Whoever
   * gets changes may dedupe by it; a handle may come again with another change.
   */
  readonly changeId: string;
}

/**
 * Somebody who is to be gone at the vendor. It carries no traits: what is to be forgotten is not sent again.
 */
export interface EraseDelivery extends ChangeDelivery {}

interface DestinationParts<Settings, Connection> {
  /** The package's word for itself, kebab-case, e.g. `sendgrid`. */
  readonly name: string;
  /** For people, e.g. `SendGrid`. */
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
  /** What the vendor can bear, or what makes it of the settings. */
  readonly limits?: DestinationLimits | LimitsOfSettings<Settings>;
  /** Beyond the schema: returns what is wrong with settings that are well-formed, else nothing. */
  validate?(settings: Settings): readonly SettingsFinding[];
  /** Runs the tests that settings carry of themselves (`tributary check --tests`). Opens and sends nothing. */
  testSettings?(settings: Settings): Promise<readonly SettingsTest[]>;
  /** Opens what the instance keeps while it runs, the connection. Bounded by the hub's open time-out (default 10 s). */
  open?(context: PluginContext<Settings>): Promise<Connection> | Connection;
  /** Closes what `open` opened. Bounded to 5 s. */
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
  /**
   * How does this job stand? Per handle that it carried; `accepted` again while it is running. After a day, sooner
   * where somebody is to be taken out, and where it throws a `PluginError` of kind `rejected` (the vendor knows no such
   * job) a change counts as in doubt and is made again.
   */
  poll?(
    call: DestinationCall<Settings, Connection> & {
      readonly job: string;
      readonly deliveries: readonly DeliveryBase[];
    },
  ): Promise<readonly DeliveryOutcome[]>;
}

/**
 * What the author of a destination writes. At least one of `audiences`, `profiles`, `events` and `actions` is there.
 *
 * Each function that takes `deliveries` answers with one outcome per handle, in any order; a handle that is
 * missing or comes back twice counts as unknown. It throws a `PluginError` where the whole call failed, which
 * then stands for every delivery; any other error counts as `unknown`. At most `limits.concurrency` calls run
 * at a time, and the `signal` of each aborts after `limits.timeoutMs`.
 *
 * @template Connection what `open` returns and every function gets; where it is declared, `open` must be there.
 */
export type DestinationDefinition<Settings, Connection = undefined> = DestinationParts<
  Settings,
  Connection
> &
  OpensConnection<Connection>;

/**
 * What `defineDestination` returns and a package exports as its default: the definition, marked as a plugin of
 * this contract.
 */
export interface DestinationPlugin<Settings = UnknownSettings, Connection = unknown>
  extends DestinationParts<Settings, Connection>, PluginMark<'destination'> {}

/** Declares a destination. Has no side effect: the hub opens it where config names it. */
export function defineDestination<const Schema extends SettingsSchema, Connection = undefined>(
  definition: DestinationDefinition<SettingsOf<Schema>, Connection> & { readonly settings: Schema },
): DestinationPlugin<SettingsOf<Schema>, Connection> & { readonly settings: Schema } {
  return markPlugin({ ...definition, kind: 'destination', specVersion });
}
