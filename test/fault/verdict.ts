// What the figures of a run come to: do they show that the promises hold?
import type { Figures } from './run.ts';

/** A run of so many lives comes everywhere. */
export const wholeRun = 50;

export function isWrong(figures: Figures): boolean {
  const { complaints, unlisted, neverPassed, passedAgainstTable, lives, processes } = figures;
  const isBad = complaints.length + unlisted.length + passedAgainstTable.length > 0;
  return isBad || (processes === 1 && lives >= wholeRun && neverPassed.length > 0);
}
