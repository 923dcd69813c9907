// Stops one instance whose code failed where no call could catch it. A destination is paused as an
// operator would pause it, a source takes nothing more until config is taken up again or the hub is started.
import { redactSecrets } from '@tributary/sdk';
import type { HubConfig } from '../config/hub-config.ts';
import type { Delivery } from '../delivery/create-delivery.ts';
import type { HubLogger } from '../observe/logger.ts';
import type { PluginProblem } from '../plugins/plugin-problem.ts';
import type { PluginRuntime } from '../plugins/runtime.ts';

export interface HaltRooms {
  readonly runtime: Pick<PluginRuntime, 'halt'>;
  readonly log: HubLogger;
  readonly secrets: readonly string[];
  /** By the config of now. */
  current(): {
    readonly config: HubConfig;
    readonly delivery: Pick<Delivery, 'pause'>;
    readonly plugins: { readonly opened: readonly { readonly id: string }[] };
  };
}

export type HaltInstance = (instance: string, problem: PluginProblem) => void;

export function createHalt({ runtime, log, secrets, current }: HaltRooms): HaltInstance {
  const halted = new Set<unknown>();
  return (instance, problem) => {
    const { config, delivery, plugins } = current();
    // One that was opened anew since is told of again.
    const opened = plugins.opened.find(({ id }) => id === instance) ?? instance;
    const words = redactSecrets(problem.message, secrets);
    const message = `${problem.code}: ${words}. ${problem.hint}`;
    // What runs wild fails again and again: it is told once.
    if (!halted.has(opened)) log.error(message, { instance });
    halted.add(opened);
    if (config.sources.has(instance)) runtime.halt(instance, { ...problem, message: words });
    if (!config.destinations.has(instance)) return;
    delivery.pause(instance, message, 'hub').catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : 'unknown failure';
      log.error('an instance could not be paused', { instance, reason });
    });
  };
}
