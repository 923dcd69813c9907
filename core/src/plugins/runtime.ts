// Opens, holds and closes the plugins of a config. What a plugin does wrong while it opens or closes
// is bounded in time and told with its name; it never takes another instance or the hub with it.
import type { AnyPlugin } from './check-plugin.ts';
import { closeInstance } from './close-instance.ts';
import { createInstanceContext, type InstanceContext } from './instance-context.ts';
import type { InstanceRequest, OpenedInstance, PluginWorld } from './instance.ts';
import { openInstance } from './open-instance.ts';
import type { PluginProblem } from './plugin-problem.ts';

export interface InstanceProblem extends PluginProblem {
  readonly instance: string;
}

export type Opening<Plugin extends AnyPlugin = AnyPlugin> =
  { readonly opened: OpenedInstance<Plugin> } | { readonly problem: InstanceProblem };

export interface PluginRuntime {
  /** Opens one instance, whoever else has its id. Never rejects; after a problem it may be tried again. */
  open<Plugin extends AnyPlugin>(request: InstanceRequest<Plugin>): Promise<Opening<Plugin>>;
  /** Aborts the instance's signal and closes it; the problem, if there was one. */
  close(instance: OpenedInstance): Promise<InstanceProblem | undefined>;
  /** Closes whatever is open, side by side. */
  closeAll(): Promise<readonly InstanceProblem[]>;
}

export function createPluginRuntime(world: PluginWorld): PluginRuntime {
  const held = new Map<OpenedInstance, InstanceContext>();

  const close = async (instance: OpenedInstance): Promise<InstanceProblem | undefined> => {
    const context = held.get(instance);
    if (!context) return undefined;
    held.delete(instance);
    const problem = await closeInstance(instance, context, world);
    return problem && { ...problem, instance: instance.id };
  };

  return {
    async open(request) {
      const context = createInstanceContext(request, world);
      const answer = await openInstance(request.plugin, context, world);
      if ('problem' in answer) return { problem: { ...answer.problem, instance: request.id } };
      const opened = {
        id: request.id,
        plugin: request.plugin,
        request,
        context: context.call,
        connection: answer.connection,
      };
      held.set(opened, context);
      return { opened };
    },
    close,
    async closeAll() {
      const problems = await Promise.all([...held.keys()].map(close));
      return problems.filter((problem) => problem !== undefined);
    },
  };
}
