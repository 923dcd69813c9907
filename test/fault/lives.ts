// The lives of the hub in one run, drawn from the seed: where each ends, and what goes wrong meanwhile.
import type { Random } from '../support/random.ts';
import { commitPoints, failpoints, moments } from './failpoints.ts';
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
  /** When nobody has died by then, a kill at a random moment does. */
  readonly afterMs: number;
  readonly trouble: Trouble;
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

/** One in so many kills comes at a random moment. */
const randomOneIn = 5;

export function drawLives(
  kind: StoreKind,
  kills: number,
  random: Random,
  /** Fewer kinds, for a short run. */
  troubles: readonly Trouble['kind'][] = troublesOf[kind],
): Life[] {
  const first =
    kills < 20 ? [] : firstOnes.flatMap((name) => moments.map((moment) => `${name}:${moment}`));
  const others = shuffle(
    failpoints.filter((name) => !firstOnes.includes(nameOf(name)) && isOf(kind, name)),
    random,
  );
  const queue = [...first, ...others];
  return Array.from({ length: kills }, (_, index): Life => {
    const trouble = drawTrouble(kind, troubles, random);
    const afterMs = 1_500 + random.below(2_500);
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
    return { place, way: wayTo(at, random), afterMs, trouble: once ? { kind: 'none' } : trouble };
  });
}

function wayTo(at: string, random: Random): Life['way'] {
  if (ofStopping.has(at)) return 'stop';
  if (ofRebuild.has(nameOf(at))) return 'rebuild';
  // A batch is resolved by a rebuild as well.
  return nameOf(at) === 'resolve' && random.below(3) === 0 ? 'rebuild' : 'run';
}

function nameOf(failpoint: string): string {
  return failpoint.replace(/:\w+$/, '');
}

function isOf(kind: StoreKind, failpoint: string): boolean {
  // The embedded store has nobody else who looks after it, and nobody to share the work with.
  return nameOf(failpoint) !== (kind === 'embedded' ? 'duty' : 'maintenance');
}

function drawTrouble(
  kind: StoreKind,
  troubles: readonly Trouble['kind'][],
  random: Random,
): Trouble {
  const drawn = troubles[random.below(troubles.length)] ?? 'none';
  switch (drawn) {
    case 'none':
    case 'disk-full':
    case 'connections-cut':
      return { kind: drawn };
    case 'clock':
      return {
        kind: drawn,
        offsetMs: (random.below(2) === 0 ? -1 : 1) * (10 + random.below(50)) * 1_000,
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
