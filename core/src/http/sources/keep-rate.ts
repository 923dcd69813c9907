// How much of what cannot be read is kept for a source in a minute: anybody may send such bodies, and a
// sender that is wrong is wrong many times over.

export interface KeepBounds {
  readonly bodies: number;
  readonly bytes: number;
}

export interface KeepRate {
  /** False: no more is kept of this source for now. */
  take(source: string, bytes: number): boolean;
  /** Until more is kept. */
  secondsLeft(source: string): number;
}

interface Period {
  readonly from: number;
  bodies: number;
  bytes: number;
}

const periodMs = 60_000;

export function createKeepRate(bounds: KeepBounds, now: () => number): KeepRate {
  const periods = new Map<string, Period>();

  function periodOf(source: string): Period {
    const known = periods.get(source);
    if (known && now() - known.from < periodMs) return known;
    const period = { from: now(), bodies: 0, bytes: 0 };
    periods.set(source, period);
    return period;
  }

  return {
    take(source, bytes) {
      const period = periodOf(source);
      if (period.bodies >= bounds.bodies || period.bytes + bytes > bounds.bytes) return false;
      period.bodies += 1;
      period.bytes += bytes;
      return true;
    },
    secondsLeft: (source) => (periodOf(source).from + periodMs - now()) / 1_000,
  };
}
