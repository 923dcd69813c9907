import { countSlices } from '../store/count-slices.ts';
import { statement, type Queryable } from '../store/store.ts';

const countSlice = statement(
  'audience.count_slice',
  `SELECT count(*) AS count, (array_agg(profile_id ORDER BY profile_id DESC))[1] AS last
   FROM (
     SELECT profile_id FROM membership WHERE audience = $3 AND profile_id > $1::uuid
     ORDER BY profile_id LIMIT $2
   ) AS s`,
);

/** Members as they are stored; what time has changed since the last tick is not in it. */
export function countMembers(queryable: Queryable, audience: string): Promise<number> {
  const first = '00000000-0000-0000-0000-000000000000';
  return countSlices(queryable, countSlice, first, [audience]);
}
