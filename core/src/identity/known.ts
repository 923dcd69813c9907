// The identifiers that a batch names, as the store knows them; the batch's steps read and update
// this one picture.
import { isHashOnly } from '../standardise/reduced-record.ts';
import type { StandardIdentifier } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { selectKnown } from './plans.ts';

export interface KnownIdentifier {
  readonly id: number;
  readonly identifier: StandardIdentifier;
  readonly latentId: string;
  firstAt: number;
  lastAt: number;
  component: number;
  /** Null: a shared contact point, or a device that has owners. */
  profileId: string | null;
  /** True where this batch brought it. */
  readonly isNew: boolean;
  /** Its times before the batch; meaningless where it is new. */
  readonly past: { readonly firstAt: number; readonly lastAt: number };
}

export interface Known {
  readonly byHash: Map<string, KnownIdentifier>;
  /** Up to when an identifier is erased, by hash. */
  readonly erasedAt: Map<string, number>;
}

interface KnownRow {
  hash: string;
  namespace: string;
  kind: StandardIdentifier['kind'];
  value: string;
  id: number | null;
  latent_id: string;
  first_at: number;
  last_at: number;
  component: number;
  profile_id: string | null;
  erased_at: number | null;
}

export async function loadKnown(
  transaction: Transaction,
  named: ReadonlyMap<string, StandardIdentifier>,
): Promise<Known> {
  const known: Known = { byHash: new Map(), erasedAt: new Map() };
  if (named.size === 0) return known;
  for (const hashes of slices([...named.keys()])) {
    for (const row of await transaction.query<KnownRow>(selectKnown, [hashes])) {
      if (row.erased_at !== null) known.erasedAt.set(row.hash, row.erased_at);
      const identifier = named.get(row.hash);
      if (row.id !== null && identifier !== undefined) {
        known.byHash.set(row.hash, knownFrom({ ...row, id: row.id }, identifier));
      }
    }
  }
  return known;
}

function knownFrom(
  row: KnownRow & { id: number },
  identifier: StandardIdentifier,
): KnownIdentifier {
  return {
    id: row.id,
    identifier: isHashOnly(identifier)
      ? { ...identifier, namespace: row.namespace, kind: row.kind, value: row.value }
      : identifier,
    latentId: row.latent_id,
    firstAt: row.first_at,
    lastAt: row.last_at,
    component: row.component,
    profileId: row.profile_id,
    isNew: false,
    past: { firstAt: row.first_at, lastAt: row.last_at },
  };
}

/** Statements stay short on the embedded store, where all others wait for each. */
const sliceSize = 1_000;
/** For rows that enter several indexes. */
export const indexedSlice = 500;

export function slices<T>(items: readonly T[], size: number = sliceSize): (readonly T[])[] {
  if (items.length <= size) return items.length === 0 ? [] : [items];
  const result: T[][] = [];
  for (let start = 0; start < items.length; start += size) {
    result.push(items.slice(start, start + size));
  }
  return result;
}
