// The identifier that a profile is named after: its latent id is the profile's id.
import { compareNamed } from './canonical-order.ts';
import { createPriority } from './pair-order.ts';
import type { IdentitySettings } from './settings.ts';

export interface AnchorCandidate {
  readonly namespace: string;
  readonly value: string;
  /** The earliest time of a record that names it; its erasure's time once it was erased. */
  readonly firstAt: number;
}

/** The earliest, then the strongest namespace, then the value. `candidates` are all of one kind. */
export function findAnchor<Candidate extends AnchorCandidate>(
  candidates: readonly [Candidate, ...Candidate[]],
  settings: IdentitySettings,
): Candidate {
  const priority = createPriority(settings);
  const compare = (left: Candidate, right: Candidate): number =>
    left.firstAt - right.firstAt ||
    priority(left.namespace) - priority(right.namespace) ||
    compareNamed(left, right);
  return candidates.reduce((best, candidate) => (compare(candidate, best) < 0 ? candidate : best));
}
