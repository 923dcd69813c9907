// The statements of operators' decisions about pairs.
import { statement } from '../store/store.ts';

export const upsertNeverSame = statement(
  'identity.upsert_never_same',
  `INSERT INTO never_same (left_id, right_id, at, number)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bigint[])
   ON CONFLICT (left_id, right_id) DO UPDATE SET at = EXCLUDED.at, number = EXCLUDED.number
   WHERE EXCLUDED.at > never_same.at`,
);

export const upsertRetractions = statement(
  'identity.upsert_retractions',
  `INSERT INTO retraction (left_id, right_id, at, number)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bigint[])
   ON CONFLICT (left_id, right_id) DO UPDATE SET at = EXCLUDED.at, number = EXCLUDED.number
   WHERE EXCLUDED.at > retraction.at`,
);

/** What was observed of the pairs up to their retraction. */
export const deleteRetracted = statement(
  'identity.delete_retracted',
  `WITH s AS (
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[])
       AS s(left_id, right_id, at)
   ), spare AS (
     DELETE FROM evidence_spare e USING s
     WHERE e.left_id = s.left_id AND e.right_id = s.right_id AND e.at <= s.at
   )
   DELETE FROM evidence e USING s
   WHERE e.left_id = s.left_id AND e.right_id = s.right_id AND e.at <= s.at
   RETURNING e.left_id, e.right_id`,
);
