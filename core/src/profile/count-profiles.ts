import { countSlices } from '../store/count-slices.ts';
import { statement, type Queryable } from '../store/store.ts';

const countSlice = statement(
  'profile.count_slice',
  `SELECT count(*) AS count, (array_agg(id ORDER BY id DESC))[1] AS last
   FROM (SELECT id FROM profile WHERE id > $1::uuid ORDER BY id LIMIT $2) AS s`,
);

/** People in all. */
export function countProfiles(queryable: Queryable): Promise<number> {
  return countSlices(queryable, countSlice, '00000000-0000-0000-0000-000000000000');
}
