// Opens what config enables, side by side. One plugin that does not open is named and left out; it takes
// nobody with it.
import type { DestinationPlugin, SourcePlugin } from '@tributary/sdk';
import type { LoadedConfig } from '../config/load-config.ts';
import type { AnyPlugin } from '../plugins/check-plugin.ts';
import type { InstanceRequest, OpenedInstance } from '../plugins/instance.ts';
import type { InstanceProblem, PluginRuntime } from '../plugins/runtime.ts';
import type { SourceInstance } from './source-instance.ts';

export interface Opened<Value> {
  readonly opened: Value;
  readonly problems: readonly InstanceProblem[];
}

export async function openSources(
  { config, plugins }: LoadedConfig,
  runtime: PluginRuntime,
): Promise<Opened<readonly SourceInstance[]>> {
  const requests = [...config.sources.values()].flatMap((settings) => {
    const plugin = plugins.sources.get(settings.id);
    if (!plugin || !settings.enabled) return [];
    return [{ id: settings.id, plugin, settings: settings.settings }];
  });
  const { opened, problems } = await openAll<SourcePlugin>(requests, runtime);
  const instances = opened.flatMap(({ id, plugin, context, connection }) => {
    const settings = config.sources.get(id);
    return settings ? [{ settings, definition: plugin, context, connection }] : [];
  });
  return { opened: instances, problems };
}

export async function openDestinations(
  { config, plugins }: LoadedConfig,
  runtime: PluginRuntime,
): Promise<Opened<ReadonlyMap<string, OpenedInstance<DestinationPlugin>>>> {
  const requests = [...config.destinations.values()].flatMap((settings) => {
    const plugin = plugins.destinations.get(settings.id);
    if (!plugin || !settings.enabled) return [];
    const { timeoutMs } = settings.limits;
    return [{ id: settings.id, plugin, settings: settings.settings, timeoutMs }];
  });
  const { opened, problems } = await openAll<DestinationPlugin>(requests, runtime);
  return { opened: new Map(opened.map((instance) => [instance.id, instance])), problems };
}

async function openAll<Plugin extends AnyPlugin>(
  requests: readonly InstanceRequest<Plugin>[],
  runtime: PluginRuntime,
): Promise<Opened<readonly OpenedInstance<Plugin>[]>> {
  const answers = await Promise.all(requests.map((request) => runtime.open(request)));
  return {
    opened: answers.flatMap((answer) => ('opened' in answer ? [answer.opened] : [])),
    problems: answers.flatMap((answer) => ('problem' in answer ? [answer.problem] : [])),
  };
}
