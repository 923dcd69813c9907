// How many profiles a slice takes, so that a transaction in the background holds others no longer than
// they can wait: on the embedded store everybody, on a server only the next batch of events.
import type { Store } from '../store/store.ts';

interface Bounds {
  /** A slice should take no longer. */
  readonly targetMs: number;
  readonly least: number;
  readonly first: number;
  readonly most: number;
}

const boundsOf: Readonly<Record<Store['kind'], Bounds>> = {
  embedded: { targetMs: 50, least: 10, first: 100, most: 2_000 },
  server: { targetMs: 250, least: 100, first: 500, most: 5_000 },
};

export interface SliceSize {
  current(): number;
  /** How long the last slice took. */
  took(milliseconds: number): void;
}

export function createSliceSize(kind: Store['kind']): SliceSize {
  const { targetMs, least, first, most } = boundsOf[kind];
  let size = first;
  return {
    current: () => size,
    took: (milliseconds) => {
      // Aims below the target, since slices differ; never jumps, since one slice says little.
      const factor = Math.min(2, Math.max(0.5, (0.7 * targetMs) / Math.max(1, milliseconds)));
      size = Math.round(Math.min(most, Math.max(least, size * factor)));
    },
  };
}

/** One for each kind of store that asks. */
export function createSliceSizes(): (store: Store) => SliceSize {
  const sizes = new Map<Store['kind'], SliceSize>();
  return ({ kind }) => {
    const size = sizes.get(kind) ?? createSliceSize(kind);
    sizes.set(kind, size);
    return size;
  };
}
