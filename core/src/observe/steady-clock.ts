// The hub's clock never goes back. Which of two statements is the later one is told by when they were
// received: a clock that is set back would let an old grant win over the withdrawal that followed it.
import type { Clock, PluginLogger } from '@tributary/sdk';
import { systemClock } from './system-clock.ts';

export interface SteadyClock extends Clock {
  /** What was stamped by a process before this one is not in the future. */
  startFrom(milliseconds: number): void;
}

/**
 * Until the clock has caught up, time goes at half its pace: what is said meanwhile keeps its order, and
 * what waits for a time need not wait for all of it. One that is further back than this was wrong
 * before: to wait for it would hold the hub up for longer than anybody would bear.
 */
export const longestLeadMs = 3_600_000;

export function createSteadyClock(
  log: Pick<PluginLogger, 'error'>,
  clock: Clock = systemClock,
): SteadyClock {
  let latest = Number.NEGATIVE_INFINITY;
  /** What the machine's clock showed at the last look. */
  let shown = Number.POSITIVE_INFINITY;

  function advance(milliseconds: number): number {
    const passed = Math.max(0, milliseconds - shown);
    shown = milliseconds;
    const behind = latest - milliseconds;
    if (behind > longestLeadMs) tell(behind);
    if (behind > longestLeadMs) latest = milliseconds;
    else latest = Math.max(milliseconds, latest + passed / 2);
    return Math.floor(latest);
  }

  function tell(behind: number): void {
    log.error(
      `CLOCK_SET_BACK: clock: found it ${Math.round(behind / 1_000)} s behind what was stamped before, expected it to go forward. It is believed; set the machine's clock by a time server, and look at consents received since it was ahead.`,
    );
  }

  return {
    now: () => advance(clock.now()),
    sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
    startFrom: (milliseconds) => void (latest = Math.max(latest, milliseconds)),
  };
}
