// Loads raw components: their members, the pairs that these keep, and what lies at the pairs' other
// ends. In slices, so that no statement holds the embedded store for long.
import type { Transaction } from '../store/store.ts';
import type { Graph, Member, StoredPair } from './component.ts';
import { slices } from './known.ts';
import { pairFrom, pairKey, type PairRow } from './observe.ts';
import type { GraphIdentifier } from './pair-order.ts';
import { selectMembers, selectNamesakes, selectPairs, selectStrangers } from './plans.ts';

export interface LoadedGraph extends Graph {
  readonly members: Map<number, Member>;
  readonly strangers: Map<number, GraphIdentifier & { readonly component: number }>;
}

interface MemberRow {
  id: number;
  latent_id: string;
  namespace: string;
  value: string;
  first_at: number;
  component: number;
  profile_id: string;
}

type PairOrNever = Omit<PairRow, 'trust'> & { trust: PairRow['trust'] | null };

const memberSlice = 2_000;

export interface GraphToLoad {
  readonly labels: ReadonlySet<number>;
  /** Members that the batch brought: nothing is stored about them. */
  readonly fresh: readonly Member[];
  /** Pairs as they are now, in place of what is stored of them. */
  readonly changed: ReadonlyMap<string, StoredPair>;
  /** Also pairs that no member keeps: needed once pairs were taken away, or decided about. */
  readonly everyPair: boolean;
}

export async function loadGraph(
  transaction: Transaction,
  { labels, fresh, changed, everyPair }: GraphToLoad,
): Promise<LoadedGraph> {
  const stored = await loadMembers(transaction, labels);
  const members = new Map([...stored, ...fresh].map((member) => [member.id, member]));
  const pairs = new Map<string, StoredPair>();
  for (const [key, pair] of changed) {
    if (members.has(pair.left) || members.has(pair.right)) pairs.set(key, pair);
  }
  const neverSame: [number, number][] = [];
  // A batch that decides may say of newcomers, too, that they are never the same.
  const asked = everyPair ? [...members.keys()] : stored.map(({ id }) => id);
  for (const slice of slices(asked)) {
    for (const row of await transaction.query<PairOrNever>(selectPairs, [slice, everyPair])) {
      const key = pairKey(row.left_id, row.right_id);
      if (row.trust === null) neverSame.push([row.left_id, row.right_id]);
      else if (!pairs.has(key)) pairs.set(key, pairFrom({ ...row, trust: row.trust }));
    }
  }
  const strangers = await loadStrangers(transaction, pairs.values(), members);
  return { members, strangers, pairs: [...pairs.values()], neverSame };
}

async function loadMembers(
  transaction: Transaction,
  labels: ReadonlySet<number>,
): Promise<Member[]> {
  if (labels.size === 0) return [];
  let asked = [...labels].sort((left, right) => left - right);
  const namesakes = slices(asked).map((slice) =>
    transaction.query<MemberRow>(selectNamesakes, [slice]),
  );
  const rows: MemberRow[] = [];
  for (let begun = { component: 0, id: 0 }; ;) {
    const given = [asked, begun.component, begun.id, memberSlice];
    const slice = await transaction.query<MemberRow>(selectMembers, given);
    rows.push(...slice);
    const last = slice.at(-1);
    if (last === undefined || slice.length < memberSlice) break;
    begun = last;
    asked = asked.filter((label) => label > last.component);
  }
  rows.push(...(await Promise.all(namesakes)).flat());
  return rows.map(memberFrom).sort((left, right) => left.id - right.id);
}

function memberFrom(row: MemberRow): Member {
  return {
    id: row.id,
    latentId: row.latent_id,
    namespace: row.namespace,
    value: row.value,
    firstAt: row.first_at,
    component: row.component,
    profileId: row.profile_id,
  };
}

async function loadStrangers(
  transaction: Transaction,
  pairs: Iterable<StoredPair>,
  members: ReadonlyMap<number, Member>,
): Promise<LoadedGraph['strangers']> {
  const missing = new Set<number>();
  for (const { left, right } of pairs) {
    if (!members.has(left)) missing.add(left);
    if (!members.has(right)) missing.add(right);
  }
  const strangers: LoadedGraph['strangers'] = new Map();
  for (const slice of slices([...missing])) {
    const rows = await transaction.query<GraphIdentifier & { component: number }>(selectStrangers, [
      slice,
    ]);
    for (const row of rows) strangers.set(row.id, row);
  }
  return strangers;
}
