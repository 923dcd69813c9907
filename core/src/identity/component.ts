// Recomputes raw components: which pairs count, who the people are, what each profile is called.
// Pure; the store loads the components that new facts touch and writes what comes out different.
import { findAnchor } from './anchor.ts';
import { findOverflow } from './fan-out.ts';
import type { Observation } from './observation.ts';
import {
  createPairOrder,
  type GraphIdentifier,
  type GraphPair,
  type PairOrderMaker,
} from './pair-order.ts';
import { partitionComponent, type NeverSame } from './partition.ts';
import type { IdentitySettings } from './settings.ts';

/** What identity keeps about an identifier because of the people around it. */
export interface Place {
  /** Shared by all that candidate pairs connect: the smallest id among them. */
  readonly component: number;
  readonly profileId: string;
}

export interface Member extends GraphIdentifier, Place {
  readonly latentId: string;
  readonly firstAt: number;
}

export interface PairStatus {
  /** Whether each end counts the pair among its strongest; both must, for it to be a candidate. */
  readonly leftKeeps: boolean;
  readonly rightKeeps: boolean;
  /** `fan_out`, `limit:<namespace>`, `never_same`; null where the pair is accepted. */
  readonly rejectedBy: string | null;
}

export interface StoredPair extends GraphPair, Observation, PairStatus {}

export interface Graph {
  readonly members: ReadonlyMap<number, Member>;
  /** Ends of loaded pairs that are not members: of pairs that they or a member do not keep. */
  readonly strangers: ReadonlyMap<number, GraphIdentifier>;
  readonly pairs: readonly StoredPair[];
  readonly neverSame: NeverSame;
}

export interface ResolvedGraph {
  readonly places: ReadonlyMap<number, Place>;
  readonly statuses: ReadonlyMap<StoredPair, PairStatus>;
  /** Strangers that became connected: their components must be loaded too, and all computed again. */
  readonly reached: ReadonlySet<number>;
}

export function resolveGraph(
  graph: Graph,
  settings: IdentitySettings,
  makeOrder: PairOrderMaker = createPairOrder,
): ResolvedGraph {
  const { candidates, statuses, reached } = judgeFanOut(graph, settings, makeOrder);
  const places = new Map<number, Place>();
  if (reached.size > 0) return { places, statuses, reached };
  for (const { members, pairs } of connect(graph.members, candidates)) {
    const partition = partitionComponent(members, pairs, graph.neverSame, settings, makeOrder);
    for (const [pair, rejectedBy] of partition.rejected) {
      statuses.set(pair, { leftKeeps: true, rightKeeps: true, rejectedBy });
    }
    const component = members.reduce((least, { id }) => Math.min(least, id), Infinity);
    for (const people of partition.people) {
      const profileId = nameProfile(people, graph.members, settings);
      for (const id of people) places.set(id, { component, profileId });
    }
  }
  return { places, statuses, reached };
}

interface Judged {
  readonly candidates: StoredPair[];
  readonly statuses: Map<StoredPair, PairStatus>;
  readonly reached: Set<number>;
}

const accepted: PairStatus = { leftKeeps: true, rightKeeps: true, rejectedBy: null };

function judgeFanOut(
  { members, strangers, pairs }: Graph,
  settings: IdentitySettings,
  makeOrder: PairOrderMaker,
): Judged {
  const identifiers =
    strangers.size === 0 ? members : new Map<number, GraphIdentifier>([...strangers, ...members]);
  const order = makeOrder(identifiers, settings);
  const overflow = findOverflow(members.keys(), identifiers, pairs, order, settings);
  const candidates: StoredPair[] = [];
  const statuses = new Map<StoredPair, PairStatus>();
  const reached = new Set<number>();
  for (const pair of pairs) {
    const dropped = overflow.get(pair);
    const leftKeeps = members.has(pair.left) ? !dropped?.has(pair.left) : pair.leftKeeps;
    const rightKeeps = members.has(pair.right) ? !dropped?.has(pair.right) : pair.rightKeeps;
    if (leftKeeps && rightKeeps) {
      candidates.push(pair);
      statuses.set(pair, accepted);
      if (!members.has(pair.left)) reached.add(pair.left);
      if (!members.has(pair.right)) reached.add(pair.right);
    } else {
      statuses.set(pair, { leftKeeps, rightKeeps, rejectedBy: 'fan_out' });
    }
  }
  return { candidates, statuses, reached };
}

interface Component {
  readonly members: Member[];
  readonly pairs: StoredPair[];
}

function connect(
  members: ReadonlyMap<number, Member>,
  candidates: readonly StoredPair[],
): Iterable<Component> {
  const root = createUnion(members.keys(), candidates);
  const components = new Map<number, Component>();
  for (const member of members.values()) {
    const key = root(member.id);
    const component = components.get(key) ?? { members: [], pairs: [] };
    component.members.push(member);
    components.set(key, component);
  }
  for (const pair of candidates) components.get(root(pair.left))?.pairs.push(pair);
  return components.values();
}

/** Finds the representative of everything that pairs connect, with paths halved on the way. */
function createUnion(ids: Iterable<number>, pairs: readonly GraphPair[]): (id: number) => number {
  const parents = new Map<number, number>();
  for (const id of ids) parents.set(id, id);
  const root = (id: number): number => {
    let current = id;
    for (;;) {
      const parent = parents.get(current) ?? current;
      if (parent === current) return current;
      const next = parents.get(parent) ?? parent;
      parents.set(current, next);
      current = next;
    }
  };
  for (const { left, right } of pairs) parents.set(root(left), root(right));
  return root;
}

function nameProfile(
  people: readonly number[],
  members: ReadonlyMap<number, Member>,
  settings: IdentitySettings,
): string {
  const [first, ...others] = people.flatMap((id) => members.get(id) ?? []);
  if (first === undefined) throw new Error('IDENTITY_PERSON_EMPTY: a person has no identifier');
  return findAnchor([first, ...others], settings).latentId;
}
