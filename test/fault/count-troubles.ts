// Which troubles were really made: a hub that dies first is spared, a machine that lets nobody mount fills
// no disk, and a commit that is to be meddled with may never come. So each is noted as it is made.
import type { Trouble } from './lives.ts';

const word = 'trouble';

/** A line for the notes of a run. */
export function troubleNote(kind: Trouble['kind']): string {
  return `${word} ${kind}`;
}

export function countTroubles(notes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of notes) {
    if (!line.startsWith(`${word} `)) continue;
    const kind = line.slice(word.length + 1);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
