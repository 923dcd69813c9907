// Opens, holds and closes the plugins of a config. What a plugin does wrong while it opens or closes
// is bounded in time and told with its name; it never takes another instance or the hub with it.
import type { PluginContext, UnknownSettings } from '@tributary/sdk';
import { attributePlugin } from './attribute-plugin.ts';
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
  | { readonly opened: OpenedInstance<Plugin> }
  /** The context's signal has aborted, with the problem as its reason. */
  | { readonly problem: InstanceProblem; readonly context: PluginContext<UnknownSettings> };

export interface PluginRuntime {
  /** Opens one instance, whoever else has its id. Never rejects; after a problem it may be tried again. */
  open<Plugin extends AnyPlugin>(request: InstanceRequest<Plugin>): Promise<Opening<Plugin>>;
  /** Aborts the signal of an instance whose code failed beyond a call; what it keeps is kept. */
  halt(id: string, problem: PluginProblem): void;
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
      const plugin = attributePlugin(request.plugin, request.id);
      const leftOut = world.leftOut?.get(request.id);
      const answer = leftOut ? { problem: leftOut } : await openInstance(plugin, context, world);
      if ('problem' in answer) {
        context.abort(haltError(answer.problem));
        return { problem: { ...answer.problem, instance: request.id }, context: context.call };
      }
      const opened = {
        id: request.id,
        plugin,
        request,
        context: context.call,
        connection: answer.connection,
      };
      held.set(opened, context);
      return { opened };
    },
    halt(id, problem) {
      for (const [instance, context] of held) {
        if (instance.id === id) context.abort(haltError(problem));
      }
    },
    close,
    async closeAll() {
      const problems = await Promise.all([...held.keys()].map(close));
      return problems.filter((problem) => problem !== undefined);
    },
  };
}

function haltError({ code, message, hint }: PluginProblem): Error {
  return new Error(`${code}: ${message}. ${hint}`);
}
