// How many events one batch takes. Much of what a batch costs it costs once (round trips, the commit) or
// per person and not per event, so who is behind takes more at once; but intake waits for a batch on the
// embedded store, and whoever waits for a membership waits for the whole of it.

export interface BatchSize {
  current(): number;
  /** A batch of so many events took so long. */
  took(events: number, milliseconds: number): void;
  /** It failed: a smaller one may tell which event is to blame. */
  failed(events: number): void;
}

export interface BatchBounds {
  readonly start: number;
  readonly most: number;
  /** A batch that is larger than at the start should not take longer than this. */
  readonly aimMs: number;
}

export function createBatchSize({ start, most, aimMs }: BatchBounds): BatchSize {
  let size = start;
  return {
    current: () => size,
    took(events, milliseconds) {
      // What slows batches down is as often the machine, and less at once only adds to its work.
      if (size < start) size = Math.min(start, size * 2);
      else if (milliseconds > aimMs) size = Math.max(start, Math.ceil(size / 2));
      else if (events >= size && milliseconds < aimMs / 2) size = Math.min(most, size * 2);
    },
    failed(events) {
      size = Math.ceil(events / 2);
    },
  };
}
