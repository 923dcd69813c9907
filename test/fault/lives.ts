// The lives of the hub in one run, drawn from the seed: where each ends, and what goes wrong meanwhile.
import type { Random } from '../support/random.ts';
import { commitPoints, failpointsOf, moments, nameOf } from './failpoints.ts';
import type { StoreKind } from './ground.ts';
import type { Place } from './orders.ts';

export type Trouble =
  | { readonly kind: 'none' }
  | { readonly kind: 'disk-full' }
  | { readonly kind: 'clock'; readonly offsetMs: number }
  | { readonly kind: 'connections-cut' }
  | { readonly kind: 'database-restarted'; readonly how: 'restart' | 'crash' }
  | {
      readonly kind: 'meddled';
      readonly places: readonly (Place & { readonly how: 'cut' | 'refuse' })[];
    };

export interface Life {
  /** undefined: killed at a random moment. */
  readonly place: Place | undefined;
  /** What brings the process there: it just runs, it is told to stop, or it is a rebuild. */
  readonly way: 'run' | 'stop' | 'rebuild';
  /** When nobody has died by then, a kill at a random moment does; undefined: the place must be reached. */
  readonly afterMs: number | undefined;
  readonly trouble: Trouble;
  /** Left out: whatever is drawn. The wire is well with them. */
  readonly vendors?: 'well' | 'down';
}

/** Passed once, while a store is made. */
const firstOnes = ['migration', 'first-start'];
const ofStopping = new Set(['stop-asked', 'stop-noted', 'store-closing']);
const ofRebuild = new Set(['rebuild-forget', 'rebuild-tidy']);
/** Passed only at a start, so the first time is the only one. */
const ofStarting = new Set(['recover', 'rules', 'audience-install', 'audit', 'maintenance']);
/** The database of the embedded store is one of a kind: nothing to cut, nobody to restart. */
const troublesOf: Readonly<Record<StoreKind, readonly Trouble['kind'][]>> = {
  embedded: ['none', 'none', 'disk-full', 'clock'],
  server: [
    'none',
    'disk-full',
    'clock',
    'connections-cut',
    'database-restarted',
    'meddled',
    'meddled',
  ],
};

/** What is wrong with the store or the vendors may keep a hub from ever coming to its place. */
const placeWithinMs = 10_000;
/** One in so many kills comes at a random moment. */
const randomOneIn = 5;

/** Clocks of processes that share a store are kept together by whoever runs them. */
const troublesOfShared: readonly Trouble['kind'][] = [
  'none',
  'none',
  'connections-cut',
  'database-restarted',
];

export interface DrawOptions {
  /** Fewer kinds, for a short run. */
  readonly troubles?: readonly Trouble['kind'][];
  readonly processes?: 1 | 2;
}

export function drawLives(
  kind: StoreKind,
  kills: number,
  random: Random,
  { troubles, processes = 1 }: DrawOptions = {},
): Life[] {
  const isShared = processes === 2;
  const kinds = troubles ?? (isShared ? troublesOfShared : troublesOf[kind]);
  const first =
    kills < 20 || isShared
      ? []
      : firstOnes.flatMap((name) => moments.map((moment) => `${name}:${moment}`));
  const others = shuffle(
    failpointsOf(kind)
      .filter((name) => !firstOnes.includes(nameOf(name)))
      .filter((name) => !isShared || !isAlone(name)),
    random,
  );
  const queue = [...first, ...others];
  return Array.from({ length: kills }, (_, index): Life => {
    const trouble = drawTrouble(kinds, random);
    if (index >= first.length && random.below(randomOneIn) === 0) {
      return { place: undefined, way: 'run', afterMs: 200 + random.below(2_500), trouble };
    }
    const at = queue.shift() ?? others[random.below(others.length)] ?? 'intake:after';
    const once =
      first.includes(at) ||
      ofStarting.has(nameOf(at)) ||
      ofStopping.has(at) ||
      ofRebuild.has(nameOf(at));
    const place = { at, nth: once ? 1 : 1 + random.below(4) };
    return {
      place,
      way: wayTo(at, random),
      afterMs: placeWithinMs,
      trouble: once ? { kind: 'none' } : trouble,
    };
  });
}

/** What brings a process there needs the store for itself, or ends in peace. */
function isAlone(failpoint: string): boolean {
  return ofStopping.has(failpoint) || ofRebuild.has(nameOf(failpoint));
}

function wayTo(at: string, random: Random): Life['way'] {
  if (ofStopping.has(at)) return 'stop';
  if (ofRebuild.has(nameOf(at))) return 'rebuild';
  // A batch is resolved by a rebuild as well.
  return nameOf(at) === 'resolve' && random.below(3) === 0 ? 'rebuild' : 'run';
}

function drawTrouble(troubles: readonly Trouble['kind'][], random: Random): Trouble {
  const drawn = troubles[random.below(troubles.length)] ?? 'none';
  switch (drawn) {
    case 'none':
    case 'disk-full':
    case 'connections-cut':
      return { kind: drawn };
    case 'clock':
      return {
        kind: drawn,
        offsetMs: (random.below(2) === 0 ? -1 : 1) * (5 + random.below(20)) * 1_000,
      };
    case 'database-restarted':
      return { kind: drawn, how: random.below(2) === 0 ? 'restart' : 'crash' };
    case 'meddled':
      return { kind: drawn, places: drawPlaces(random) };
  }
}

function drawPlaces(random: Random): (Place & { how: 'cut' | 'refuse' })[] {
  return Array.from({ length: 6 }, () => {
    const point = commitPoints[random.below(commitPoints.length)]?.name ?? 'intake';
    const how = random.below(2) === 0 ? ('cut' as const) : ('refuse' as const);
    const moment = how === 'refuse' ? 'before' : (moments[random.below(2)] ?? 'before');
    return { at: `${point}:${moment}`, nth: 1 + random.below(4), how };
  });
}

function shuffle<Item>(items: readonly Item[], random: Random): Item[] {
  const rest = [...items];
  const drawn: Item[] = [];
  while (rest.length > 0) drawn.push(...rest.splice(random.below(rest.length), 1));
  return drawn;
}
