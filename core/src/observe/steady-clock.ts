// The hub's clock never goes back. Which of two statements is the later one is told by when they were
// received: a clock that is set back would let an old grant win over the withdrawal that followed it.
import type { Clock, PluginLogger } from '@tributary/sdk';
import { systemClock } from './system-clock.ts';

export interface SteadyClock extends Clock {
  /** What was stamped by a process before this one is not in the future. */
  startFrom(milliseconds: number): void;
}

/**
 * Until the clock has caught up, time stands still. One that is further back than this was wrong
 * before: to wait for it would stop the hub for longer than anybody would bear.
 */
export const longestStandMs = 3_600_000;

export function createSteadyClock(
  log: Pick<PluginLogger, 'error'>,
  clock: Clock = systemClock,
): SteadyClock {
  let latest = Number.NEGATIVE_INFINITY;

  function notBefore(milliseconds: number): number {
    const behind = latest - milliseconds;
    if (behind > longestStandMs) tell(behind);
    if (behind <= 0 || behind > longestStandMs) latest = milliseconds;
    return latest;
  }

  function tell(behind: number): void {
    log.error(
      `CLOCK_SET_BACK: clock: found it ${Math.round(behind / 1_000)} s behind what was stamped before, expected it to go forward. It is believed; set the machine's clock by a time server, and look at consents received since it was ahead.`,
    );
  }

  return {
    now: () => notBefore(clock.now()),
    sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
    startFrom: (milliseconds) => void (latest = Math.max(latest, milliseconds)),
  };
}
