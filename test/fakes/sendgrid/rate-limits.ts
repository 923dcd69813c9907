// Limits per endpoint over a fixed window. The vendor states them on every response with the
// window's end as an epoch second, and sends no Retry-After with a 429.
import type { FakeClock } from './clock.ts';

export interface RateLimit {
  readonly requests: number;
  readonly windowMilliseconds: number;
}
export interface RateState {
  readonly limited: boolean;
  readonly headers: Readonly<Record<string, string>>;
}
export interface RateLimits {
  /** Counts one request to the endpoint. */
  count(endpoint: string): RateState;
  /** The headers of a limit that is used up for so many seconds, whatever was counted. */
  exhausted(endpoint: string, seconds: number): Readonly<Record<string, string>>;
}

export function createRateLimits(
  clock: FakeClock,
  limitOf: (endpoint: string) => RateLimit,
): RateLimits {
  const windows = new Map<string, { endsAt: number; used: number }>();
  return {
    count(endpoint) {
      const limit = limitOf(endpoint);
      const now = clock.now();
      let window = windows.get(endpoint);
      if (window === undefined || window.endsAt <= now) {
        window = { endsAt: now + limit.windowMilliseconds, used: 0 };
        windows.set(endpoint, window);
      }
      window.used += 1;
      const remaining = Math.max(0, limit.requests - window.used);
      return {
        limited: window.used > limit.requests,
        headers: rateHeaders(limit.requests, remaining, window.endsAt),
      };
    },
    exhausted(endpoint, seconds) {
      return rateHeaders(limitOf(endpoint).requests, 0, clock.now() + seconds * 1_000);
    },
  };
}

function rateHeaders(limit: number, remaining: number, endsAt: number): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(Math.ceil(endsAt / 1_000)),
  };
}
