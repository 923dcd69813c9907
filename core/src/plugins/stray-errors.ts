// Errors that nobody awaited: thrown in a timer or an emitter, or a promise left alone. Where a plugin's
// code set them off, its instance is stopped and the hub goes on; where it did not, the hub cannot know
// what it is left with, and ends. Whatever was acknowledged is durable.
import { currentPlugin } from './attribution.ts';
import { failureText, type PluginProblem } from './plugin-problem.ts';

type StrayEvent = 'uncaughtException' | 'unhandledRejection';

export interface StraySource {
  on(event: StrayEvent, listener: (error: unknown) => void): unknown;
  off(event: StrayEvent, listener: (error: unknown) => void): unknown;
}

export interface Strays {
  /** Who stops an instance, once there is a hub; what failed before is told at once. */
  handOver(halt: (instance: string, problem: PluginProblem) => void): void;
  release(): void;
}

/** @param onHub is told of an error that no plugin's code set off. */
export function listenForStrays(
  onHub: (error: unknown) => void,
  source: StraySource = process,
): Strays {
  const early = new Map<string, PluginProblem>();
  let halt = (instance: string, problem: PluginProblem): void => void early.set(instance, problem);
  const listener = (error: unknown): void => {
    const instance = currentPlugin();
    if (instance === undefined) onHub(error);
    else halt(instance, crashed(error));
  };
  source.on('uncaughtException', listener);
  source.on('unhandledRejection', listener);
  return {
    handOver(given) {
      halt = given;
      for (const [instance, problem] of early) halt(instance, problem);
    },
    release() {
      source.off('uncaughtException', listener);
      source.off('unhandledRejection', listener);
    },
  };
}

function crashed(error: unknown): PluginProblem {
  return {
    code: 'PLUGIN_CRASHED',
    message: `found an error of its code that no call awaited (${failureText(error)}), expected it to catch its own`,
    hint: 'The instance is stopped and everything it was to do is kept; mend or update the plugin.',
  };
}
