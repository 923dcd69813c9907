// Stops one instance whose code failed where no call could catch it. A destination is paused as an
// operator would pause it, a source takes nothing more until the hub is started again.
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
  current(): { readonly config: HubConfig; readonly delivery: Pick<Delivery, 'pause'> };
}

export type HaltInstance = (instance: string, problem: PluginProblem) => void;

export function createHalt({ runtime, log, secrets, current }: HaltRooms): HaltInstance {
  const halted = new Set<string>();
  return (instance, problem) => {
    const { config, delivery } = current();
    const words = redactSecrets(problem.message, secrets);
    const message = `${problem.code}: ${words}. ${problem.hint}`;
    // What runs wild fails again and again: it is told once.
    if (!halted.has(instance)) log.error(message, { instance });
    halted.add(instance);
    if (config.sources.has(instance)) runtime.halt(instance, { ...problem, message: words });
    if (!config.destinations.has(instance)) return;
    delivery.pause(instance, message, 'hub').catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : 'unknown failure';
      log.error('an instance could not be paused', { instance, reason });
    });
  };
}
