// Stretches of sending to one hub, one after the other: none has anything in common with another but the
// people who were there before.
import type { IngestOptions } from './options.ts';
import { untilState, type MeasuredHub } from './start-hub.ts';
import { runLoad } from './start-load.ts';
import type { Round } from './summary.ts';

export interface Runs {
  /** Everybody who ordered so far. */
  readonly buyers: ReadonlySet<number>;
  /** Ends when all that was sent is resolved. @param rate events per second; undefined: as fast as it goes. */
  run(events: number, rate?: number): Promise<Round>;
}

const newcomersOfARun = 100_000_000;

export function createRuns(
  hub: MeasuredHub,
  profiles: number,
  { batch, concurrency, gzip }: IngestOptions,
  tell: (line: string) => void,
): Runs {
  const buyers = new Set<number>();
  let count = 0;
  return {
    buyers,
    async run(events, rate) {
      count += 1;
      const { last } = await hub.state();
      const load = await runLoad({
        url: hub.url,
        seed: count,
        events,
        batch,
        concurrency,
        gzip,
        rate,
        known: profiles,
        firstNew: profiles + count * newcomersOfARun,
      });
      await untilState(
        hub,
        (state) => state.resolved === state.last,
        (state) => tell(`${state.last - state.resolved} events are still to be resolved`),
      );
      for (const person of load.buyers) buyers.add(person);
      return { load, numbers: await hub.requests(last) };
    },
  };
}
