// Runs a step again and again: at once while there is more to do, else after a pause or when woken.
// A step that fails is told and tried again; it never ends the loop.
import type { InstanceWorld } from './world.ts';

export interface Loop {
  start(): void;
  /** Resolves when the step under way has ended. */
  stop(): Promise<void>;
  wake(): void;
}

const pauseAfterFailureMs = 1_000;

export function createLoop(
  world: Pick<InstanceWorld, 'id' | 'clock' | 'log'>,
  step: () => Promise<boolean>,
  everyMs: number,
): Loop {
  let running: Promise<void> | undefined;
  let stopped = false;
  let woken = false;
  let nap = new AbortController();

  async function run(): Promise<void> {
    while (!stopped) {
      woken = false;
      const pause = await runStep();
      if (pause > 0 && !stopped && !woken) {
        nap = new AbortController();
        await world.clock.sleep(pause, nap.signal).catch(() => undefined);
      }
    }
  }

  async function runStep(): Promise<number> {
    try {
      return (await step()) ? 0 : everyMs;
    } catch (error) {
      const message = error instanceof Error ? error.message : 'unknown failure';
      world.log.error(`${world.id}: a step of delivery failed`, { message });
      return pauseAfterFailureMs;
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopped = true;
      nap.abort();
      await running;
    },
    wake() {
      woken = true;
      nap.abort();
    },
  };
}
