// One sighting of two identifiers together, and which of several sightings of the same pair count.
import type { TrustRank } from '../standardise/standard-record.ts';

export interface Observation {
  readonly trust: TrustRank;
  readonly probability: number;
  readonly at: number;
  readonly source: string;
  readonly messageHash: string;
  readonly number: number;
}

/** Strongest first. The two ends are the same, so only what differs between sightings is compared. */
export function compareObservations(left: Observation, right: Observation): number {
  return (
    left.trust - right.trust ||
    right.probability - left.probability ||
    right.at - left.at ||
    compareHashes(left.messageHash, right.messageHash)
  );
}

/** Hashes are lower-case hex, so this is also PostgreSQL's order of uuids. */
export function compareHashes(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

/**
 * The strongest sighting, then those that are weaker but newer: what an erasure or a retraction up
 * to some time would leave as the strongest. All others can never count again.
 */
export function keepUndominated<T extends Observation>(observations: readonly T[]): T[] {
  const kept: T[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  for (const observation of observations.toSorted(compareObservations)) {
    if (observation.at <= newest) continue;
    kept.push(observation);
    newest = observation.at;
  }
  return kept;
}
