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
  /** Opens one instance. Never rejects; after a problem it may be tried again. */
  open<Plugin extends AnyPlugin>(request: InstanceRequest<Plugin>): Promise<Opening<Plugin>>;
  /** Aborts the instance's signal and closes it; the problem, if there was one. */
  close(id: string): Promise<InstanceProblem | undefined>;
  /** Closes whatever is open, side by side. */
  closeAll(): Promise<readonly InstanceProblem[]>;
}

interface Held {
  readonly instance: OpenedInstance;
  readonly context: InstanceContext;
}

export function createPluginRuntime(world: PluginWorld): PluginRuntime {
  const held = new Map<string, Held>();

  const close = async (id: string): Promise<InstanceProblem | undefined> => {
    const found = held.get(id);
    if (!found) return undefined;
    held.delete(id);
    const problem = await closeInstance(found.instance, found.context, world);
    return problem && { ...problem, instance: id };
  };

  return {
    async open(request) {
      await close(request.id);
      const context = createInstanceContext(request, world);
      const answer = await openInstance(request.plugin, context, world);
      if ('problem' in answer) return { problem: { ...answer.problem, instance: request.id } };
      const opened = {
        id: request.id,
        plugin: request.plugin,
        context: context.call,
        connection: answer.connection,
      };
      held.set(request.id, { instance: opened, context });
      return { opened };
    },
    close,
    async closeAll() {
      const problems = await Promise.all([...held.keys()].map(close));
      return problems.filter((problem) => problem !== undefined);
    },
  };
}
