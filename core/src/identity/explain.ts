// Why these identifiers are one person, and who else might be her: what holds a profile together, for
// people to read.
import { trustLevels, type Trust } from '@tributary/sdk';
import type { TrustRank } from '../standardise/standard-record.ts';
import type { Queryable } from '../store/store.ts';
import { compareHashes } from './observation.ts';
import { selectIdentifiersOf, selectLoginsOf, selectPairsOf } from './read-plans.ts';

export interface ProfileIdentifier {
  readonly id: number;
  readonly hash: string;
  readonly namespace: string;
  readonly value: string;
  /** `contact`: a shared address, which others hold as well. */
  readonly kind: 'person' | 'device' | 'contact';
  readonly firstAt: number;
  readonly lastAt: number;
  /** When it is the profile's: ±Infinity unless a device changed hands. */
  readonly from: number;
  readonly to: number;
}

export interface EvidenceEnd {
  readonly namespace: string;
  readonly value: string;
  readonly hash: string;
  /** Undefined for a device. */
  readonly profileId: string | undefined;
}

export interface Evidence {
  /** `login`: a device and a person; devices join nobody. */
  readonly kind: 'pair' | 'login';
  readonly left: EvidenceEnd;
  readonly right: EvidenceEnd;
  readonly trust: Trust;
  readonly probability: number;
  readonly at: number;
  readonly source: string;
  /** Log number and message hash of the record that said so. */
  readonly number: number;
  readonly messageHash: string;
  /** `possible`: perhaps the same person, but not joined. */
  readonly status: 'accepted' | 'possible';
  /** `limit:<namespace>`, `never_same`, `fan_out`, `device`; undefined where it is accepted. */
  readonly rejectedBy: string | undefined;
}

/** Most rows that an explanation reads of each kind. */
export const mostExplained = 5_000;

export interface IdentifierRow {
  id: number;
  hash: string;
  namespace: string;
  value: string;
  kind: ProfileIdentifier['kind'];
  first_at: number;
  last_at: number;
  from_at: number;
  to_at: number;
}

export async function identifiersOf(
  queryable: Queryable,
  profileId: string,
): Promise<ProfileIdentifier[]> {
  const rows = await queryable.query<IdentifierRow>(selectIdentifiersOf, [
    profileId,
    mostExplained,
  ]);
  return rows.map(identifierFrom);
}

export function identifierFrom(row: IdentifierRow): ProfileIdentifier {
  return {
    id: row.id,
    hash: row.hash,
    namespace: row.namespace,
    value: row.value,
    kind: row.kind,
    firstAt: row.first_at,
    lastAt: row.last_at,
    from: row.from_at,
    to: row.to_at,
  };
}

/** Accepted pairs first, then possible ones; then the logins of all who used the profile's devices. */
export async function evidenceOf(queryable: Queryable, profileId: string): Promise<Evidence[]> {
  const asked = [profileId, mostExplained];
  const pairs = await queryable.query<EvidenceRow>(selectPairsOf, asked);
  const logins = await queryable.query<EvidenceRow>(selectLoginsOf, asked);
  return [
    ...pairs.map((row) => evidenceFrom('pair', row)),
    ...logins.map((row) => evidenceFrom('login', row)),
  ];
}

export interface EndsRow {
  left_namespace: string;
  left_value: string;
  left_hash: string;
  left_profile: string | null;
  right_namespace: string;
  right_value: string;
  right_hash: string;
  right_profile: string | null;
}

export interface EvidenceRow extends EndsRow {
  trust: TrustRank;
  probability: number;
  at: number;
  source: string;
  message_hash: string;
  number: number;
  rejected_by: string | null;
}

export function endsFrom(row: EndsRow): {
  readonly left: EvidenceEnd;
  readonly right: EvidenceEnd;
} {
  return {
    left: {
      namespace: row.left_namespace,
      value: row.left_value,
      hash: row.left_hash,
      profileId: row.left_profile ?? undefined,
    },
    right: {
      namespace: row.right_namespace,
      value: row.right_value,
      hash: row.right_hash,
      profileId: row.right_profile ?? undefined,
    },
  };
}

export function evidenceFrom(kind: Evidence['kind'], row: EvidenceRow): Evidence {
  return {
    kind,
    ...endsFrom(row),
    trust: trustLevels[row.trust],
    probability: row.probability,
    at: row.at,
    source: row.source,
    number: row.number,
    messageHash: row.message_hash,
    status: row.rejected_by === null ? 'accepted' : 'possible',
    rejectedBy: row.rejected_by ?? undefined,
  };
}

/**
 * The accepted evidence that leads from one identifier of a profile to another, by hash: of all ways
 * the one whose weakest step is the strongest. [] for the same identifier; undefined where there is none.
 */
export async function mergePath(
  queryable: Queryable,
  profileId: string,
  fromHash: string,
  toHash: string,
): Promise<Evidence[] | undefined> {
  const evidence = await evidenceOf(queryable, profileId);
  const accepted = evidence.filter((one) => one.status === 'accepted');
  return findPath(accepted.toSorted(compareEvidence), fromHash, toHash);
}

/** Pairs before logins: a device is a last step and never a bridge, but for two devices of one person. */
function compareEvidence(left: Evidence, right: Evidence): number {
  return (
    Number(left.kind === 'login') - Number(right.kind === 'login') ||
    trustLevels.indexOf(left.trust) - trustLevels.indexOf(right.trust) ||
    right.probability - left.probability ||
    right.at - left.at ||
    compareHashes(left.messageHash, right.messageHash)
  );
}

/** Grows trees along the strongest evidence first, then walks from one end to the other. */
function findPath(
  strongestFirst: readonly Evidence[],
  from: string,
  to: string,
): Evidence[] | undefined {
  const trees = new Map<string, Set<string>>();
  const steps = new Map<string, Evidence[]>();
  for (const evidence of strongestFirst) {
    const left = trees.get(evidence.left.hash) ?? new Set([evidence.left.hash]);
    const right = trees.get(evidence.right.hash) ?? new Set([evidence.right.hash]);
    if (left === right) continue;
    const [small, large] = left.size < right.size ? [left, right] : [right, left];
    for (const hash of small) large.add(hash);
    for (const hash of [...small, evidence.left.hash, evidence.right.hash]) trees.set(hash, large);
    for (const { hash } of [evidence.left, evidence.right]) {
      steps.set(hash, [...(steps.get(hash) ?? []), evidence]);
    }
  }
  return walk(steps, from, to);
}

function walk(
  steps: ReadonlyMap<string, readonly Evidence[]>,
  from: string,
  to: string,
): Evidence[] | undefined {
  const paths = new Map<string, Evidence[]>([[from, []]]);
  for (const [hash, path] of paths) {
    if (hash === to) return path;
    for (const step of steps.get(hash) ?? []) {
      const next = step.left.hash === hash ? step.right.hash : step.left.hash;
      if (!paths.has(next)) paths.set(next, [...path, step]);
    }
  }
  return undefined;
}
