// When to try again. Full jitter, so that what failed together does not return together; a
// vendor's Retry-After counts where it asks for more, up to a bound.
import type { RetrySettings } from '../settings.ts';

/** Milliseconds to wait after so many failures in a row. */
export function backoffMs(failures: number, retry: RetrySettings, random: () => number): number {
  const ceiling = Math.min(retry.capMs, retry.baseMs * 2 ** Math.min(failures, 30));
  return Math.floor(random() * ceiling);
}

/** The larger of what the vendor asks (capped) and our own backoff. */
export function waitMs(
  failures: number,
  retryAfterMs: number | undefined,
  retry: RetrySettings,
  random: () => number,
): number {
  const asked = Number.isFinite(retryAfterMs) ? Math.max(0, retryAfterMs ?? 0) : 0;
  return Math.max(Math.min(asked, retry.maxRetryAfterMs), backoffMs(failures, retry, random));
}
