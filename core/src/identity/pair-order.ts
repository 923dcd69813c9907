// The total order of pairs that people are computed from. It never uses arrival, log numbers or
// interned ids, so the same facts give the same people in whatever order they came.
import { compareNamed } from './canonical-order.ts';
import type { Observation } from './observation.ts';
import type { IdentitySettings } from './settings.ts';

export interface GraphIdentifier {
  readonly id: number;
  readonly namespace: string;
  readonly value: string;
}

export type PairStrength = Pick<Observation, 'trust' | 'probability' | 'at'>;

/** A pair of person identifiers with its strongest observation. */
export interface GraphPair extends PairStrength {
  readonly left: number;
  readonly right: number;
}

/** Negative where the first is the stronger. */
export type PairOrder = (left: GraphPair, right: GraphPair) => number;
export type PairOrderMaker = (
  identifiers: ReadonlyMap<number, GraphIdentifier>,
  settings: IdentitySettings,
) => PairOrder;

/**
 * Manual first, trust, probability, the weaker end's namespace, newest, then the canonical bytes of
 * both ends. `identifiers` holds both ends of every pair that is compared.
 */
export const createPairOrder: PairOrderMaker = (identifiers, settings) => {
  const priority = createPriority(settings);
  const end = (id: number): GraphIdentifier => endOf(identifiers, id);
  const weaker = (pair: GraphPair): number =>
    Math.max(priority(end(pair.left).namespace), priority(end(pair.right).namespace));
  return (left, right) =>
    left.trust - right.trust ||
    right.probability - left.probability ||
    weaker(left) - weaker(right) ||
    right.at - left.at ||
    compareEnds(sortedEnds(left, end), sortedEnds(right, end));
};

/** Place of a namespace in config; one that config no longer names is weaker than all. */
export function createPriority(settings: IdentitySettings): (namespace: string) => number {
  return (namespace) =>
    settings.namespaces.get(namespace)?.priority ?? settings.namespaces.size + 1;
}

export function endOf(
  identifiers: ReadonlyMap<number, GraphIdentifier>,
  id: number,
): GraphIdentifier {
  const found = identifiers.get(id);
  if (found === undefined) throw new Error(`IDENTITY_END_MISSING: identifier ${id} is not loaded`);
  return found;
}

type Ends = readonly [GraphIdentifier, GraphIdentifier];

function sortedEnds(pair: GraphPair, end: (id: number) => GraphIdentifier): Ends {
  const left = end(pair.left);
  const right = end(pair.right);
  return compareNamed(left, right) <= 0 ? [left, right] : [right, left];
}

function compareEnds(left: Ends, right: Ends): number {
  return compareNamed(left[0], right[0]) || compareNamed(left[1], right[1]);
}
