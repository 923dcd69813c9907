// Whether something grows: the slope of the line that fits its readings best.

export interface Sample {
  /** Of the hub's clock. */
  readonly hours: number;
  /** MiB. */
  readonly heap: number;
  readonly rss: number;
  /** Which life of the hub; each begins anew. */
  readonly life: number;
}

/** Readings of the longest life, without its first fifth, in which it warms up. */
export function longestLife(samples: readonly Sample[]): readonly Sample[] {
  const lives = [...Map.groupBy(samples, ({ life }) => life).values()];
  const [longest = []] = lives.toSorted((one, other) => other.length - one.length);
  return longest.slice(Math.floor(longest.length / 5));
}

/** MiB of heap per hour; 0 for fewer than two readings. */
export function slopePerHour(samples: readonly Sample[]): number {
  const count = samples.length;
  if (count < 2) return 0;
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / count;
  const hours = mean((sample) => sample.hours);
  const heap = mean((sample) => sample.heap);
  let above = 0;
  let below = 0;
  for (const sample of samples) {
    above += (sample.hours - hours) * (sample.heap - heap);
    below += (sample.hours - hours) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
