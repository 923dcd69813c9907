// An instance of a plugin as the hub asks for it and holds it, and the world that it is given.
import type { Clock, FetchCall, PluginContext, UnknownSettings } from '@tributary/sdk';
import type { HubLogger } from '../observe/logger.ts';
import type { AnyPlugin } from './check-plugin.ts';
import type { PluginProblem } from './plugin-problem.ts';

/** One instance that config enables. */
export interface InstanceRequest<Plugin extends AnyPlugin = AnyPlugin> {
  readonly id: string;
  readonly plugin: Plugin;
  /** Validated by the plugin's schema. */
  readonly settings: UnknownSettings;
  /** Of one HTTP call; undefined: the default of the plugin's fetch. */
  readonly timeoutMs?: number | undefined;
}

export interface OpenedInstance<Plugin extends AnyPlugin = AnyPlugin> {
  readonly id: string;
  readonly plugin: Plugin;
  /** What it was opened by. */
  readonly request: InstanceRequest<Plugin>;
  readonly context: PluginContext<UnknownSettings>;
  /** What the plugin's `open` made; only the plugin knows of what type. */
  readonly connection: unknown;
}

export interface PluginWorld {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: HubLogger;
  /** Never shown in an error of a call. Looked at for each call: a config that is taken up later has its own. */
  readonly secrets: readonly string[];
  /** Stands in for the network in tests. */
  readonly fetch?: typeof fetch;
  onCall?(instance: string, call: FetchCall): void;
  /** Instances that are not opened, and why. */
  readonly leftOut?: ReadonlyMap<string, PluginProblem>;
  /** Default 10,000. */
  readonly openTimeoutMs?: number;
  /** Default 5,000. */
  readonly closeTimeoutMs?: number;
}
