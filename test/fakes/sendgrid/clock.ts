// The fake's sense of time. Jobs become due by it, so a test may run a day in a millisecond.

export interface FakeClock {
  /** Milliseconds since 1970-01-01T00:00Z. */
  now(): number;
}

export const systemClock: FakeClock = { now: () => Date.now() };

export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Unix time in whole seconds, as the suppression endpoints speak. */
export function unixTime(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}
