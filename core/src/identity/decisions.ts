// Which decisions of operators stand about the identifiers of one person.
import type { Queryable } from '../store/store.ts';
import type { EvidenceEnd } from './explain.ts';
import { selectDecisionsOf } from './read-plans.ts';

export interface StandingDecision {
  readonly kind: 'merge' | 'separate' | 'retract';
  readonly left: EvidenceEnd;
  readonly right: EvidenceEnd;
  /** Of a retraction the time that it reaches, else when it was decided. */
  readonly at: number;
  /** Log number of the decision. */
  readonly number: number;
  /** Why a merge joins nobody; undefined: it does. */
  readonly rejectedBy: string | undefined;
}

interface Row {
  kind: StandingDecision['kind'];
  left_namespace: string;
  left_value: string;
  left_hash: string;
  left_profile: string | null;
  right_namespace: string;
  right_value: string;
  right_hash: string;
  right_profile: string | null;
  at: number;
  number: number;
  rejected_by: string | null;
}

/** The newest first. */
export async function decisionsOf(
  queryable: Queryable,
  profileId: string,
  limit: number,
): Promise<StandingDecision[]> {
  const rows = await queryable.query<Row>(selectDecisionsOf, [profileId, limit]);
  return rows.map((row) => ({
    kind: row.kind,
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
    at: row.at,
    number: row.number,
    rejectedBy: row.rejected_by ?? undefined,
  }));
}
