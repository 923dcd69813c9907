// Slows down whoever tries keys: an address that failed often waits, whatever it sends. Addresses
// are forgotten after the period, and the oldest once there are too many.
import { isIPv6 } from 'node:net';

export interface FailedAttempts {
  /** Seconds that this address must wait; 0: it may try. */
  waitSeconds(address: string): number;
  note(address: string): void;
}

export interface FailedAttemptsLimits {
  /** Failures in a period before an address must wait for its end. Default 20. */
  readonly attempts?: number;
  /** Default 60,000. */
  readonly periodMs?: number;
  /** Addresses that are remembered. Default 10,000. */
  readonly addresses?: number;
}

export function createFailedAttempts(
  now: () => number,
  { attempts = 20, periodMs = 60_000, addresses = 10_000 }: FailedAttemptsLimits = {},
): FailedAttempts {
  const seen = new Map<string, { from: number; count: number }>();

  function current(key: string): { from: number; count: number } | undefined {
    const period = seen.get(key);
    if (!period || now() - period.from < periodMs) return period;
    seen.delete(key);
    return undefined;
  }

  return {
    waitSeconds(address) {
      const period = current(groupOf(address));
      if (!period || period.count < attempts) return 0;
      return Math.max(1, Math.ceil((period.from + periodMs - now()) / 1_000));
    },
    note(address) {
      const key = groupOf(address);
      const period = current(key);
      if (period) {
        period.count += 1;
        return;
      }
      const oldest = seen.size >= addresses ? seen.keys().next().value : undefined;
      if (oldest !== undefined) seen.delete(oldest);
      seen.set(key, { from: now(), count: 1 });
    },
  };
}

/** One subscriber has a whole /64 of IPv6 addresses. */
function groupOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 4 - groups.length);
  return [...groups, ...Array.from({ length: missing }, () => '0')].slice(0, 4).join(':');
}
