// Recomputes the raw components that a batch touched and writes what comes out different. Pairs
// whose strengthening cannot change anybody are only written.
import type { Transaction } from '../store/store.ts';
import type { Move } from './change.ts';
import {
  resolveGraph,
  type Member,
  type PairStatus,
  type Place,
  type StoredPair,
} from './component.ts';
import { indexedSlice, slices, type Known, type KnownIdentifier } from './known.ts';
import { loadGraph, type LoadedGraph } from './load-graph.ts';
import { observationColumns, pairKey, type ChangedPair } from './observe.ts';
import type { PairOrderMaker } from './pair-order.ts';
import { updatePlaces, writeEvidence } from './plans.ts';
import type { IdentitySettings } from './settings.ts';

export interface RegroupCause {
  readonly changed: readonly ChangedPair[];
  /** Known identifiers whose profile may be called otherwise, being older than was known. */
  readonly aged: readonly KnownIdentifier[];
  /** Components that lost a pair, a member or an age. */
  readonly labels: ReadonlySet<number>;
  /** True where pairs were taken away, so that others may take their place, or were decided about. */
  readonly everyPair: boolean;
}

export interface Regrouped {
  /** Every identifier of the recomputed components, before and after. */
  readonly moves: readonly Move[];
  /** Profiles some pair of which counts now and did not, or the other way round. */
  readonly reweighed: ReadonlySet<string>;
  /** Members of the largest of them; 0 where none was recomputed. */
  readonly largest: number;
}

export async function regroup(
  transaction: Transaction,
  cause: RegroupCause,
  known: Known,
  settings: IdentitySettings,
  makeOrder?: PairOrderMaker,
): Promise<Regrouped> {
  const deciding = cause.changed.filter(mayChangePeople);
  const ends = [...deciding.flatMap(({ left, right }) => [left, right]), ...cause.aged];
  const changed = new Map(cause.changed.map(({ pair }) => [pairKey(pair.left, pair.right), pair]));
  const labels = new Set(cause.labels);
  const fresh = new Map<number, Member>();
  for (const end of ends) {
    if (end.isNew) fresh.set(end.id, memberOf(end));
    else labels.add(end.component);
  }
  if (labels.size === 0 && fresh.size === 0) {
    await writePairs(transaction, [...changed.values()]);
    return { moves: [], reweighed: new Set(), largest: 0 };
  }
  for (;;) {
    const load = { labels, fresh: [...fresh.values()], changed, everyPair: cause.everyPair };
    const graph = await loadGraph(transaction, load);
    const resolved = resolveGraph(graph, settings, makeOrder);
    if (resolved.reached.size === 0) {
      const freshIds = new Set(fresh.keys());
      const written = await write(transaction, graph, resolved, changed, freshIds, known);
      return { ...written, largest: largestOf(resolved.places) };
    }
    const before = labels.size;
    for (const id of resolved.reached) labels.add(graph.strangers.get(id)?.component ?? id);
    // Nobody new can be loaded: to go on would be to go on for ever.
    if (labels.size === before) throw new Error('IDENTITY_UNREACHABLE: a pair ends at no person');
  }
}

/**
 * An accepted pair that grows stronger changes nobody: what it joins was joined anyway, and what is
 * rejected beside it meets people who are at least as large. So it is only written.
 */
function mayChangePeople({ pair, isNew }: ChangedPair): boolean {
  return isNew || pair.rejectedBy !== null;
}

function memberOf(known: KnownIdentifier): Member {
  const { id, latentId, firstAt, component } = known;
  const { namespace, value } = known.identifier;
  const profileId = known.profileId ?? latentId;
  return { id, latentId, firstAt, component, namespace, value, profileId };
}

async function write(
  transaction: Transaction,
  graph: LoadedGraph,
  resolved: {
    readonly places: ReadonlyMap<number, Place>;
    readonly statuses: ReadonlyMap<StoredPair, PairStatus>;
  },
  changed: ReadonlyMap<string, StoredPair>,
  freshIds: ReadonlySet<number>,
  known: Known,
): Promise<Omit<Regrouped, 'largest'>> {
  const byId = new Map([...known.byHash.values()].map((one) => [one.id, one]));
  const moves: Move[] = [];
  const replaced: (Place & { id: number })[] = [];
  for (const member of graph.members.values()) {
    const place = resolved.places.get(member.id) ?? member;
    const before = freshIds.has(member.id) ? undefined : member.profileId;
    moves.push({ id: member.id, before, after: place.profileId });
    if (before !== undefined && !samePlace(member, place))
      replaced.push({ ...place, id: member.id });
    const entry = byId.get(member.id);
    if (entry !== undefined) Object.assign(entry, place);
  }
  for (const slice of slices(replaced, indexedSlice)) await writePlaces(transaction, slice);
  const rest = new Map(changed);
  const rewritten: StoredPair[] = [];
  const reweighed = new Set<string>();
  for (const pair of graph.pairs) {
    const status = resolved.statuses.get(pair) ?? pair;
    const isChanged = rest.delete(pairKey(pair.left, pair.right));
    if (isChanged || !sameStatus(pair, status)) rewritten.push({ ...pair, ...status });
    if ((pair.rejectedBy === null) === (status.rejectedBy === null)) continue;
    for (const end of [pair.left, pair.right]) {
      const place = resolved.places.get(end);
      if (place !== undefined) reweighed.add(place.profileId);
    }
  }
  await writePairs(transaction, [...rewritten, ...rest.values()]);
  return { moves, reweighed };
}

function largestOf(places: ReadonlyMap<number, Place>): number {
  const sizes = new Map<number, number>();
  for (const { component } of places.values()) {
    sizes.set(component, (sizes.get(component) ?? 0) + 1);
  }
  return [...sizes.values()].reduce((most, size) => Math.max(most, size), 0);
}

function samePlace(one: Place, other: Place): boolean {
  return one.component === other.component && one.profileId === other.profileId;
}

function sameStatus(one: PairStatus, other: PairStatus): boolean {
  return (
    one.leftKeeps === other.leftKeeps &&
    one.rightKeeps === other.rightKeeps &&
    one.rejectedBy === other.rejectedBy
  );
}

async function writePlaces(
  transaction: Transaction,
  places: readonly (Place & { readonly id: number })[],
): Promise<void> {
  await transaction.query(updatePlaces, [
    places.map(({ id }) => id),
    places.map(({ component }) => component),
    places.map(({ profileId }) => profileId),
  ]);
}

async function writePairs(transaction: Transaction, pairs: readonly StoredPair[]): Promise<void> {
  for (const slice of slices(pairs)) {
    await transaction.query(writeEvidence, [
      ...observationColumns(slice),
      slice.map(({ leftKeeps }) => leftKeeps),
      slice.map(({ rightKeeps }) => rightKeeps),
      slice.map(({ rejectedBy }) => rejectedBy),
    ]);
  }
}
