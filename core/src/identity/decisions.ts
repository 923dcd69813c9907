// Which decisions of operators stand about the identifiers of one person.
import type { Queryable } from '../store/store.ts';
import { endsFrom, type EndsRow, type EvidenceEnd } from './explain.ts';
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

interface Row extends EndsRow {
  kind: StandingDecision['kind'];
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
    ...endsFrom(row),
    at: row.at,
    number: row.number,
    rejectedBy: row.rejected_by ?? undefined,
  }));
}
