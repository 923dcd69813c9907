// The time of an event, stamped once at intake and never moved again.
import type { SourceRecord } from '@tributary/sdk';
import { normaliseTime } from '@tributary/sdk';

export interface StampBounds {
  /** A client clock is corrected by at most so much; beyond it the client's time is taken as it is. */
  readonly maxClockCorrectionMs: number;
}

/**
 * Clocks that are off by less than this count as right: what remains is the way through the network
 * and the waiting of a client that sends a stale `sentAt` again, neither of which moved the event.
 */
export const clockToleranceMs = 60_000;

export type Stamped =
  | { readonly at: number }
  | { readonly problem: { readonly code: string; readonly message: string } };

/**
 * The client's time, corrected by `receivedAt − sentAt` where that is more than a tolerance and no
 * more than the bound, on a first attempt only; never later than it was received.
 */
export function stamp(record: SourceRecord, receivedAt: number, bounds: StampBounds): Stamped {
  if (record.timestamp === undefined) return { at: receivedAt };
  const original = normaliseTime(record.timestamp);
  if (original === undefined) return unreadable('timestamp', record.timestamp);
  const at = original + correction(record, receivedAt, bounds);
  return { at: Math.max(0, Math.min(Math.trunc(at), receivedAt)) };
}

function correction(record: SourceRecord, receivedAt: number, bounds: StampBounds): number {
  if (record.sentAt === undefined || (record.retryCount ?? 0) > 0) return 0;
  const sentAt = normaliseTime(record.sentAt);
  if (sentAt === undefined) return 0;
  const offset = receivedAt - sentAt;
  const small = Math.abs(offset) < clockToleranceMs;
  return small || Math.abs(offset) > bounds.maxClockCorrectionMs ? 0 : offset;
}

function unreadable(field: string, found: string | number): Stamped {
  const shown = JSON.stringify(found).slice(0, 60);
  return {
    problem: {
      code: 'RECORD_TIME_UNREADABLE',
      message: `RECORD_TIME_UNREADABLE: ${field}: ${shown}, an ISO 8601 time or milliseconds since 1970 was expected. Send a valid time or none.`,
    },
  };
}
