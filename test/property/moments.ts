// The time of random worlds.
export const minute = 60_000;
export const hour: number = 60 * minute;
export const day: number = 24 * hour;
/** Nothing happens before. */
export const origin: number = Date.UTC(2026, 2, 1, 12);
