// Opens what config enables, side by side. One plugin that does not open is named and left out; it takes
// nobody with it. What an earlier config opened in the same way is taken over as it is.
import { isDeepStrictEqual } from 'node:util';
import type { DestinationPlugin, SourcePlugin } from '@tributary/sdk';
import type { LoadedConfig } from '../config/load-config.ts';
import type { AnyPlugin } from '../plugins/check-plugin.ts';
import type { InstanceRequest, OpenedInstance } from '../plugins/instance.ts';
import type { InstanceProblem, PluginRuntime } from '../plugins/runtime.ts';
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
    sources: sources.opened.flatMap((instance) => asSource(loaded, instance, before) ?? []),
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

function destinationRequests({
  config,
  plugins,
}: LoadedConfig): InstanceRequest<DestinationPlugin>[] {
  return [...config.destinations.values()].flatMap(({ id, enabled, settings, limits }) => {
    const plugin = plugins.destinations.get(id);
    return plugin && enabled ? [{ id, plugin, settings, timeoutMs: limits.timeoutMs }] : [];
  });
}

interface OpenedSome<Plugin extends AnyPlugin> {
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
      return opened ? { opened } : runtime.open(request);
    }),
  );
  return {
    opened: answers.flatMap((answer) => ('opened' in answer ? [answer.opened] : [])),
    problems: answers.flatMap((answer) => ('problem' in answer ? [answer.problem] : [])),
  };
}

function isOpenedBy<Plugin extends AnyPlugin>(
  instance: OpenedInstance,
  request: InstanceRequest<Plugin>,
): instance is OpenedInstance<Plugin> {
  const { id, plugin, timeoutMs, settings } = instance.request;
  return (
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
