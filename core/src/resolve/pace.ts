// How many events a second resolve folds here, to say beforehand how long a fold of the whole log takes.
import type { BatchReport } from './report.ts';

export interface Pace {
  note(report: Pick<BatchReport, 'events' | 'milliseconds'>): void;
  eventsPerSecond(): number;
}

/** Until something was measured: what an embedded store does on a small machine. */
const unmeasured = 2_000;
/** Smaller batches say more about waiting than about folding. */
const leastEvents = 50;
/** Weight of the newest batch. */
const weight = 0.1;

export function createPace(): Pace {
  let pace = unmeasured;
  return {
    note({ events, milliseconds }) {
      if (events < leastEvents || milliseconds <= 0) return;
      pace += weight * ((events / milliseconds) * 1_000 - pace);
    },
    eventsPerSecond: () => pace,
  };
}
