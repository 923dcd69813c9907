// Whether an instance may call its vendor now: the breaker, a rate limit that the vendor named, and
// the calls per second of its credential. Kept in memory; after a restart the first call tells again, and only
// that it was down is known.
import type { RetrySettings } from '../settings.ts';
import { backoffMs, waitMs } from './backoff.ts';

export interface TrafficSettings {
  readonly callsPerSecond: number | undefined;
  readonly retry: RetrySettings;
  readonly random: () => number;
}

export interface Traffic {
  /** The earliest moment for the next call; in the past: now. */
  nextCallAt(): number;
  /** True while the destination seems to be down: then no record is to blame and no attempt is used. */
  isDown(): boolean;
  noteCall(now: number): void;
  noteSuccess(): void;
  /** A call that failed as a whole. */
  noteFailure(now: number, retryAfterMs: number | undefined): void;
  noteRateLimit(now: number, retryAfterMs: number | undefined): void;
  /** As the process before this one left it: down, until a call tells otherwise. */
  assumeDown(): void;
  /** What the store was last told of `isDown`. */
  toldDown(): boolean;
  tell(isDown: boolean): void;
  /** An operator says: try now. */
  reset(): void;
}

export function createTraffic({ callsPerSecond, retry, random }: TrafficSettings): Traffic {
  let failures = 0;
  let rateLimits = 0;
  let toldDown = false;
  let closedUntil = 0;
  let pacedUntil = 0;
  return {
    nextCallAt: () => Math.max(closedUntil, pacedUntil),
    isDown: () => failures >= retry.breakerAfter,
    noteCall(now) {
      if (callsPerSecond !== undefined)
        pacedUntil = Math.max(pacedUntil, now) + 1_000 / callsPerSecond;
    },
    noteSuccess() {
      failures = 0;
      rateLimits = 0;
    },
    noteFailure(now, retryAfterMs) {
      failures += 1;
      const asked = retryAfterMs === undefined ? 0 : waitMs(0, retryAfterMs, retry, random);
      const own = failures >= retry.breakerAfter ? backoffMs(failures, retry, random) : 0;
      closedUntil = Math.max(closedUntil, now + Math.max(asked, own));
    },
    noteRateLimit(now, retryAfterMs) {
      rateLimits += 1;
      closedUntil = Math.max(closedUntil, now + waitMs(rateLimits, retryAfterMs, retry, random));
    },
    assumeDown() {
      failures = Math.max(failures, retry.breakerAfter);
      toldDown = true;
    },
    toldDown: () => toldDown,
    tell(isDown) {
      toldDown = isDown;
    },
    reset() {
      failures = 0;
      rateLimits = 0;
      closedUntil = 0;
    },
  };
}
