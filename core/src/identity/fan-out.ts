// The bound on how many pairs one identifier keeps with each other namespace. The strongest stay and
// the rest is set aside; an identifier itself is never blocked, since that would be a way to cut
// somebody off by flooding her address.
import { endOf, type GraphIdentifier, type GraphPair, type PairOrder } from './pair-order.ts';
import type { IdentitySettings } from './settings.ts';

export const defaultFanOut = 1_000;

/**
 * Ids of the ends that do not keep a pair, by pair. Judged for `members` only; `identifiers` holds
 * these and every other end.
 */
export function findOverflow<Pair extends GraphPair>(
  members: Iterable<number>,
  identifiers: ReadonlyMap<number, GraphIdentifier>,
  pairs: readonly Pair[],
  order: PairOrder,
  settings: IdentitySettings,
): Map<Pair, Set<number>> {
  const overflow = new Map<Pair, Set<number>>();
  const pairsOf = groupByEnd(pairs);
  for (const member of members) {
    const own = pairsOf.get(member) ?? [];
    const limit = settings.namespaces.get(endOf(identifiers, member).namespace)?.fanOut;
    if (own.length <= (limit ?? defaultFanOut)) continue;
    for (const group of groupByOther(own, member, identifiers)) {
      const rest = group.toSorted(order).slice(limit ?? defaultFanOut);
      for (const pair of rest) addTo(overflow, pair, member);
    }
  }
  return overflow;
}

function groupByEnd<Pair extends GraphPair>(pairs: readonly Pair[]): Map<number, Pair[]> {
  const groups = new Map<number, Pair[]>();
  for (const pair of pairs) {
    pushTo(groups, pair.left, pair);
    pushTo(groups, pair.right, pair);
  }
  return groups;
}

function groupByOther<Pair extends GraphPair>(
  pairs: readonly Pair[],
  member: number,
  identifiers: ReadonlyMap<number, GraphIdentifier>,
): Iterable<Pair[]> {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const other = pair.left === member ? pair.right : pair.left;
    pushTo(groups, endOf(identifiers, other).namespace, pair);
  }
  return groups.values();
}

function pushTo<Key, Value>(groups: Map<Key, Value[]>, key: Key, value: Value): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

function addTo<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
