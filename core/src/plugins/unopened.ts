// An instance as it would be opened, for what can be asked without a connection: keys and limits.
import type { AnyPlugin } from './check-plugin.ts';
import { createInstanceContext } from './instance-context.ts';
import type { InstanceRequest, OpenedInstance, PluginWorld } from './instance.ts';

export function createUnopened<Plugin extends AnyPlugin>(
  request: InstanceRequest<Plugin>,
  world: PluginWorld,
): OpenedInstance<Plugin> {
  const { call: context } = createInstanceContext(request, world);
  return { id: request.id, plugin: request.plugin, request, context, connection: undefined };
}
