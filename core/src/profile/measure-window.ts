// A window seen from one moment: which event times are inside, and when that changes next.
import { calendarSpan } from './measure-calendar.ts';
import type { Window } from './measure.ts';

/** An event at time a is inside iff after < a ≤ until. */
export interface WindowBounds {
  readonly after: number;
  readonly until: number;
  /** An event ahead enters at its time plus this. */
  readonly entersAfterMs: number;
  /** The moment that an event at this time, now inside, leaves. */
  readonly leavesAt: (at: number) => number;
}

const never = (): number => Number.POSITIVE_INFINITY;

export function windowBounds(window: Window, now: number): WindowBounds {
  switch (window.kind) {
    case 'ever':
      return { after: Number.NEGATIVE_INFINITY, until: now, entersAfterMs: 0, leavesAt: never };
    case 'sliding':
      return {
        after: now - window.fromMs,
        until: now - window.toMs,
        entersAfterMs: window.toMs,
        leavesAt: (at) => at + window.fromMs,
      };
    case 'calendar': {
      const { beginsAt, endsAt } = calendarSpan(window.unit, window.timeZone, now);
      // Times are whole milliseconds, so "from midnight on" is "after the millisecond before it".
      return { after: beginsAt - 1, until: now, entersAfterMs: 0, leavesAt: () => endsAt };
    }
  }
}

/**
 * The next moment at which an event enters or leaves. `earliestInside`: the earliest event time in
 * (after, until]; `earliestAhead`: the earliest past `until`; Infinity where there is none.
 */
export function nextWindowChange(
  bounds: WindowBounds,
  earliestInside: number,
  earliestAhead: number,
): number {
  const leaves =
    earliestInside === Number.POSITIVE_INFINITY ? earliestInside : bounds.leavesAt(earliestInside);
  return Math.min(leaves, earliestAhead + bounds.entersAfterMs);
}
