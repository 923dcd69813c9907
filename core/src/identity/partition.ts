// People from one raw component of evidence: a walk over its pairs, strongest first, that joins
// unless a limit or a "never the same" stands against it. Pure, and blind to arrival.
import {
  createPairOrder,
  createPriority,
  type GraphIdentifier,
  type GraphPair,
  type PairOrderMaker,
} from './pair-order.ts';
import type { IdentitySettings, NamespaceSettings } from './settings.ts';

export interface Partition<Pair extends GraphPair> {
  /** The ids of each person's identifiers. */
  readonly people: readonly (readonly number[])[];
  /**
   * Pairs that join nobody, with what stands between the two people as they came out:
   * `limit:<namespace>` (the strongest that their union would break) or `never_same`.
   */
  readonly rejected: ReadonlyMap<Pair, string>;
}

export type NeverSame = readonly (readonly [number, number])[];

/** `pairs` have both ends among `identifiers`; a "never the same" may name others too. */
export function partitionComponent<Pair extends GraphPair>(
  identifiers: readonly GraphIdentifier[],
  pairs: readonly Pair[],
  neverSame: NeverSame,
  settings: IdentitySettings,
  makeOrder: PairOrderMaker = createPairOrder,
): Partition<Pair> {
  const byId = new Map(identifiers.map((identifier) => [identifier.id, identifier]));
  const crowd = createCrowd(identifiers, neverSame, settings);
  const apart: Pair[] = [];
  for (const pair of pairs.toSorted(makeOrder(byId, settings))) {
    if (!crowd.join(pair.left, pair.right)) apart.push(pair);
  }
  const rejected = new Map(
    apart.map((pair) => [pair, crowd.obstacle(pair.left, pair.right) ?? 'never_same']),
  );
  return { people: crowd.people(), rejected };
}

interface Person {
  readonly members: number[];
  /** How many identifiers of each limited namespace, in order of priority. */
  readonly counts: number[];
}

interface Crowd {
  /** False where something stands against it. */
  join(left: number, right: number): boolean;
  /** What keeps two people apart as they are now. */
  obstacle(left: number, right: number): string | undefined;
  people(): number[][];
}

function createCrowd(
  identifiers: readonly GraphIdentifier[],
  neverSame: NeverSame,
  settings: IdentitySettings,
): Crowd {
  const limited = limitedNamespaces(settings);
  const strangersOf = groupStrangers(neverSame);
  const personOf = new Map<number, Person>();
  for (const { id, namespace } of identifiers) {
    const counts = limited.map(({ name }) => Number(name === namespace));
    personOf.set(id, { members: [id], counts });
  }
  const find = (id: number): Person => {
    const person = personOf.get(id);
    if (person !== undefined) return person;
    throw new Error(`IDENTITY_END_MISSING: identifier ${id} is no member`);
  };
  const obstacle = (small: Person, large: Person): string | undefined => {
    const broken = limited.find(
      ({ limit }, place) => (small.counts[place] ?? 0) + (large.counts[place] ?? 0) > limit,
    );
    if (broken !== undefined) return `limit:${broken.name}`;
    if (strangersOf.size === 0) return undefined;
    const apart = small.members.some((id) =>
      strangersOf.get(id)?.some((stranger) => personOf.get(stranger) === large),
    );
    return apart ? 'never_same' : undefined;
  };
  return {
    join(left, right) {
      const [small, large] = bySize(find(left), find(right));
      if (small === large) return true;
      if (obstacle(small, large) !== undefined) return false;
      for (const id of small.members) {
        large.members.push(id);
        personOf.set(id, large);
      }
      for (const [place, count] of small.counts.entries()) {
        large.counts[place] = (large.counts[place] ?? 0) + count;
      }
      return true;
    },
    obstacle: (left, right) => obstacle(...bySize(find(left), find(right))),
    people: () => [...new Set(personOf.values())].map((person) => person.members),
  };
}

function bySize(one: Person, other: Person): [Person, Person] {
  return one.members.length < other.members.length ? [one, other] : [other, one];
}

function limitedNamespaces(settings: IdentitySettings): { name: string; limit: number }[] {
  const priority = createPriority(settings);
  return [...settings.namespaces.values()]
    .filter((space): space is NamespaceSettings & { limit: number } => space.limit !== undefined)
    .map(({ name, limit }) => ({ name, limit }))
    .sort((left, right) => priority(left.name) - priority(right.name));
}

function groupStrangers(neverSame: NeverSame): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [left, right] of neverSame) {
    groups.set(left, [...(groups.get(left) ?? []), right]);
    groups.set(right, [...(groups.get(right) ?? []), left]);
  }
  return groups;
}
