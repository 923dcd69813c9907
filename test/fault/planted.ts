// Would the harness notice? For each bug the lives that are made for it, and what must be complained of.
// Each life is lived until its place is reached, so what the bug does has been done.
import type { Life } from './lives.ts';
import type { Place } from './orders.ts';
import { runFaults, type Figures, type RunOptions } from './run.ts';

/** Of one test, with what a slow machine needs. */
export const slowMachine = { timeout: 300_000 };

export interface PlantedCase {
  readonly bug: string;
  /** Where it does its harm: on the way in, or on the way out. */
  readonly way: 'in' | 'out';
  readonly lives: readonly Life[];
  /** What must be complained of. */
  readonly words: RegExp;
  readonly people?: number;
  readonly faithful?: boolean;
}

function life(at: string, nth = 1, vendors: Life['vendors'] = 'well'): Life {
  const place: Place = { at, nth };
  return { place, way: 'run', afterMs: undefined, trouble: { kind: 'none' }, vendors };
}

/** A few people who change their minds so often that each of them has, when it is over. */
const few = 10;
const manyBatches = life('resolve:after', 60);

export const plantedCases: readonly PlantedCase[] = [
  {
    // First comes the checkpoint alone, then what it belongs to.
    bug: 'checkpoint-first',
    way: 'in',
    lives: [life('intake-checkpoint:before', 2), life('intake-checkpoint:before', 4)],
    words: /^lost: /,
  },
  {
    bug: 'acknowledged-first',
    way: 'in',
    lives: [life('intake:before', 6), life('intake-stops:before', 4)],
    words: /^lost: /,
  },
  {
    // What waits for a vendor that is down is refused when she is well: people said no meanwhile.
    bug: 'gate-skipped',
    way: 'out',
    lives: [life('resolve:after', 40, 'down'), life('settle-event:after', 8)],
    words: /without a live grant/,
    people: few,
  },
  {
    // Heals where somebody says yes again before she says no; so there are several whom it can show on.
    bug: 'doubt-forgotten',
    way: 'out',
    lives: [
      ...[8, 5, 6].flatMap((nth) => [life('call-over', nth), life('settle-state:before', 2)]),
      manyBatches,
    ],
    words: /too many|missing|balance/,
    people: few,
  },
  {
    // In the first life the vendor takes a mail that nobody settles; the second repeats it.
    bug: 'mail-repeated',
    way: 'out',
    lives: [life('mail-over'), life('mail-over')],
    words: /mails to .* expected one/,
    faithful: true,
  },
  {
    bug: 'seen-forgotten',
    way: 'in',
    lives: [life('intake:after', 3), life('intake:after', 5)],
    words: /times in the log/,
  },
  {
    bug: 'cursor-first',
    way: 'in',
    lives: [life('resolve:before', 6), life('resolve:before', 7)],
    words: /missing|are counted|too many|differ/,
  },
  {
    // The place in the log moves alone; who dies then has passed over what lay before it.
    bug: 'forward-cursor-first',
    way: 'out',
    lives: [9, 14, 11].map((nth) => life('read-log:after', nth)),
    words: /^never forwarded: /,
    faithful: true,
  },
  {
    bug: 'books-forgotten',
    way: 'out',
    lives: [life('resolve:after', 5)],
    words: /does not balance/,
  },
];

export function livePlanted(
  { lives, people = 40, faithful = false }: Pick<PlantedCase, 'lives' | 'people' | 'faithful'>,
  more: Pick<RunOptions, 'bug' | 'enough'> = {},
): Promise<Figures> {
  return runFaults({
    store: 'embedded',
    seed: 7,
    kills: lives.length,
    lives,
    mostPeople: people,
    faithful,
    ...more,
  });
}
