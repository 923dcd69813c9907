// Chance that can be repeated: the same seed rolls the same numbers on every machine.

export interface Dice {
  /** Uniform in [0, 1). */
  roll(): number;
  /** A whole number from 0 to below `sides`. */
  below(sides: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** True in this share of cases. */
  chance(share: number): boolean;
}

/** Mulberry32, a small generator of 32-bit state, public domain by Tommy Ettinger. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (sides: number): number => Math.floor(roll() * sides);
  return {
    roll,
    below,
    chance: (share) => roll() < share,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
  };
}
