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
  /** Pairs that join nobody, with what rejected them: `limit:<namespace>` or `never_same`. */
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
  const rejected = new Map<Pair, string>();
  for (const pair of pairs.toSorted(makeOrder(byId, settings))) {
    const obstacle = crowd.join(pair.left, pair.right);
    if (obstacle !== undefined) rejected.set(pair, obstacle);
  }
  return { people: crowd.people(), rejected };
}

interface Person {
  readonly members: number[];
  /** How many identifiers of each limited namespace, in order of priority. */
  readonly counts: number[];
}

interface Crowd {
  /** What stands against it, or undefined where the two are one person now. */
  join(left: number, right: number): string | undefined;
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
    if (person === undefined)
      throw new Error(`IDENTITY_END_MISSING: identifier ${id} is no member`);
    return person;
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
      const one = find(left);
      const other = find(right);
      if (one === other) return undefined;
      const [small, large] =
        one.members.length < other.members.length ? [one, other] : [other, one];
      const found = obstacle(small, large);
      if (found !== undefined) return found;
      for (const id of small.members) {
        large.members.push(id);
        personOf.set(id, large);
      }
      for (const [place, count] of small.counts.entries()) {
        large.counts[place] = (large.counts[place] ?? 0) + count;
      }
      return undefined;
    },
    people: () => [...new Set(personOf.values())].map((person) => person.members),
  };
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
