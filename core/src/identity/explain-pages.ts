// The same as an explanation, whole, for those who want all of it: page by page, in the order of ids.
import { isoTime, type Queryable, type Statement } from '../store/store.ts';
import {
  evidenceFrom,
  identifierFrom,
  type Evidence,
  type EvidenceRow,
  type IdentifierRow,
  type ProfileIdentifier,
} from './explain.ts';
import { selectIdentifiersAfter, selectLoginsAfter, selectPairsAfter } from './read-plans.ts';

const pageSize = 1_000;

export async function* eachIdentifierOf(
  queryable: Queryable,
  profileId: string,
): AsyncGenerator<ProfileIdentifier, void> {
  let after: readonly [number, string] = [0, isoTime(-Infinity)];
  for (;;) {
    const page = await queryable.query<IdentifierRow>(selectIdentifiersAfter, [
      profileId,
      ...after,
      pageSize,
    ]);
    for (const row of page) yield identifierFrom(row);
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = [last.id, isoTime(last.from_at)];
  }
}

/** Pairs, then the logins of all who used the profile's devices. */
export async function* eachEvidenceOf(
  queryable: Queryable,
  profileId: string,
): AsyncGenerator<Evidence, void> {
  yield* eachOf(queryable, profileId, 'pair', selectPairsAfter);
  yield* eachOf(queryable, profileId, 'login', selectLoginsAfter);
}

async function* eachOf(
  queryable: Queryable,
  profileId: string,
  kind: Evidence['kind'],
  statement: Statement,
): AsyncGenerator<Evidence, void> {
  let after: readonly [number, number] = [0, 0];
  for (;;) {
    const page = await queryable.query<EvidenceRow & { left_id: number; right_id: number }>(
      statement,
      [profileId, ...after, pageSize],
    );
    for (const row of page) yield evidenceFrom(kind, row);
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = [last.left_id, last.right_id];
  }
}
