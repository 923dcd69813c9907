// How many profiles a slice takes, so that a transaction in the background holds the store for
// about the time that others can wait.

/** A transaction in the background should take no longer. */
const targetMs = 50;
const bounds = { least: 10, first: 100, most: 2_000 };

export interface SliceSize {
  current(): number;
  /** How long the last slice took. */
  took(milliseconds: number): void;
}

export function createSliceSize(): SliceSize {
  let size = bounds.first;
  return {
    current: () => size,
    took: (milliseconds) => {
      if (milliseconds > targetMs) size = Math.max(bounds.least, Math.floor(size / 2));
      else if (milliseconds < targetMs / 3) size = Math.min(bounds.most, size * 2);
    },
  };
}
