// Runs the room's work for as long as the hub lives. A store that is away is waited for with backoff.
import type { Clock, PluginLogger } from '@tributary/sdk';

export interface PrivacyLoop {
  start(): void;
  stop(): Promise<void>;
}

export interface LoopWorld {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: PluginLogger;
}

const restMs = 1_000;
const backoffCapMs = 60_000;

export function createLoop(
  step: () => Promise<boolean>,
  { clock, random, log }: LoopWorld,
): PrivacyLoop {
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  const rest = (milliseconds: number): Promise<void> =>
    clock.sleep(milliseconds, ending.signal).catch(() => undefined);

  async function run(): Promise<void> {
    for (let failures = 0; !ending.signal.aborted;) {
      try {
        const busy = await step();
        failures = 0;
        if (!busy) await rest(restMs);
      } catch (error) {
        failures += 1;
        log.error(error instanceof Error ? error.message : 'privacy requests failed', { failures });
        await rest(random() * Math.min(backoffCapMs, restMs * 2 ** Math.min(failures, 10)));
      }
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      ending.abort();
      await running;
    },
  };
}
