// Opens what config enables, side by side. One plugin that does not open is named and left out; it takes
// nobody with it. What an earlier config opened in the same way is taken over as it is.
import { isDeepStrictEqual } from 'node:util';
import type {
  DestinationPlugin,
  PluginContext,
  SourcePlugin,
  UnknownSettings,
} from '@tributary/sdk';
import type { HubConfig } from '../config/hub-config.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { AnyPlugin } from '../plugins/check-plugin.ts';
import { fingerprint } from '../plugins/fingerprint.ts';
import type { InstanceRequest, OpenedInstance, PluginWorld } from '../plugins/instance.ts';
import type { InstanceProblem, PluginRuntime } from '../plugins/runtime.ts';
import { readLeftOut } from '../plugins/left-out.ts';
import type { PluginProblem } from '../plugins/plugin-problem.ts';
import type { Store } from '../store/store.ts';
import { createUnopened } from '../plugins/unopened.ts';
import type { SourceInstance } from './source-instance.ts';

export interface OpenPlugins {
  readonly sources: readonly SourceInstance[];
  readonly destinations: ReadonlyMap<string, OpenedInstance<DestinationPlugin>>;
  /** All of them. */
  readonly opened: readonly OpenedInstance[];
  /** Those that were not taken over. */
  readonly fresh: readonly OpenedInstance[];
  readonly problems: readonly InstanceProblem[];
}

export async function openPlugins(
  loaded: LoadedConfig,
  runtime: PluginRuntime,
  before?: OpenPlugins,
): Promise<OpenPlugins> {
  const [sources, destinations] = await Promise.all([
    openAll<SourcePlugin>(sourceRequests(loaded), runtime, before),
    openAll<DestinationPlugin>(destinationRequests(loaded), runtime, before),
  ]);
  const opened = [...sources.opened, ...destinations.opened];
  return {
    sources: [
      ...sources.opened.flatMap((instance) => asSource(loaded, instance, before) ?? []),
      ...sources.unopened.flatMap((one) => asUnopened(loaded, one) ?? []),
    ],
    destinations: new Map(destinations.opened.map((instance) => [instance.id, instance])),
    opened,
    fresh: opened.filter((instance) => !before?.opened.includes(instance)),
    problems: [...sources.problems, ...destinations.problems],
  };
}

function sourceRequests({ config, plugins }: LoadedConfig): InstanceRequest<SourcePlugin>[] {
  return [...config.sources.values()].flatMap(({ id, enabled, settings }) => {
    const plugin = plugins.sources.get(id);
    return plugin && enabled ? [{ id, plugin, settings }] : [];
  });
}

/** What delivery can plan with and never calls. */
export function unopenedDestinations(
  loaded: LoadedConfig,
  world: PluginWorld,
): ReadonlyMap<string, OpenedInstance<DestinationPlugin>> {
  return new Map(
    destinationRequests(loaded).map((request) => [request.id, createUnopened(request, world)]),
  );
}

function destinationRequests({
  config,
  plugins,
}: LoadedConfig): InstanceRequest<DestinationPlugin>[] {
  return [...config.destinations.values()].flatMap(({ id, enabled, settings, limits }) => {
    const plugin = plugins.destinations.get(id);
    return plugin && enabled ? [{ id, plugin, settings, timeoutMs: limits.timeoutMs }] : [];
  });
}

interface Unopened<Plugin extends AnyPlugin> {
  readonly request: InstanceRequest<Plugin>;
  /** Its signal has aborted. */
  readonly context: PluginContext<UnknownSettings>;
}

interface OpenedSome<Plugin extends AnyPlugin> {
  readonly unopened: readonly Unopened<Plugin>[];
  readonly opened: readonly OpenedInstance<Plugin>[];
  readonly problems: readonly InstanceProblem[];
}

async function openAll<Plugin extends AnyPlugin>(
  requests: readonly InstanceRequest<Plugin>[],
  runtime: PluginRuntime,
  before: OpenPlugins | undefined,
): Promise<OpenedSome<Plugin>> {
  const answers = await Promise.all(
    requests.map(async (request) => {
      const opened = before?.opened.find((one) => isOpenedBy<Plugin>(one, request));
      return opened ? { opened, request } : { ...(await runtime.open(request)), request };
    }),
  );
  return {
    opened: answers.flatMap((answer) => ('opened' in answer ? [answer.opened] : [])),
    unopened: answers.filter((answer) => 'problem' in answer),
    problems: answers.flatMap((answer) => ('problem' in answer ? [answer.problem] : [])),
  };
}

function isOpenedBy<Plugin extends AnyPlugin>(
  instance: OpenedInstance,
  request: InstanceRequest<Plugin>,
): instance is OpenedInstance<Plugin> {
  const { id, plugin, timeoutMs, settings } = instance.request;
  return (
    // One that was stopped for what its code did is opened anew.
    !instance.context.signal.aborted &&
    id === request.id &&
    plugin === request.plugin &&
    timeoutMs === request.timeoutMs &&
    isDeepStrictEqual(settings, request.settings)
  );
}

/** The very same object where nothing has changed, so that its run can go on. */
function asSource(
  { config }: LoadedConfig,
  { id, plugin, context, connection }: OpenedInstance<SourcePlugin>,
  before: OpenPlugins | undefined,
): SourceInstance | undefined {
  const settings = config.sources.get(id);
  const known = before?.sources.find((source) => source.context === context);
  if (known && isDeepStrictEqual(known.settings, settings)) return known;
  return settings && { settings, definition: plugin, context, connection };
}

/** It keeps its place all the same: who sends to it is told to come back later. */
function asUnopened(
  { config }: LoadedConfig,
  { request, context }: Unopened<SourcePlugin>,
): SourceInstance | undefined {
  const settings = config.sources.get(request.id);
  return settings && { settings, definition: request.plugin, context, connection: undefined };
}

/** Instance → by what its plugin's code is known. */
export function printsOf({ sources, destinations, file }: HubConfig): Record<string, string> {
  const instances = [...sources.values(), ...destinations.values()];
  return Object.fromEntries(instances.map(({ id, plugin }) => [id, fingerprint(plugin, file)]));
}

/** Instances that this start leaves out, and why. @param release those that may run again */
export function leftOutOf(
  store: Store,
  config: HubConfig,
  release: readonly string[] = [],
): Promise<ReadonlyMap<string, PluginProblem>> {
  const folder = config.store.kind === 'embedded' ? config.store.folder : undefined;
  return readLeftOut(store, { folder, release, prints: printsOf(config) });
}
