// Wires each question to what knows the answer.
import type { ExplainReads } from '../explanations.ts';
import { explainDelivery } from './explain/delivery.ts';
import { explainMembership } from './explain/membership.ts';
import { explainMerge } from './explain/merge.ts';
import { explainTrait } from './explain/trait.ts';
import type { Rooms } from './rooms.ts';

export function createExplainReads(rooms: Rooms): ExplainReads {
  return {
    trait: (profileId, trait, now) => explainTrait(rooms, profileId, trait, now),
    membership: (profileId, audience, now) => explainMembership(rooms, profileId, audience, now),
    merge: (left, right) => explainMerge(rooms, left, right),
    delivery: (profileId, instance, list, now) =>
      explainDelivery(rooms, { profileId, instance, list, now }),
  };
}
