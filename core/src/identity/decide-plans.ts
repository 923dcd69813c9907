// The statements of operators' decisions about pairs.
import { statement } from '../store/store.ts';

/** A separation that was lifted stays written: an older one may arrive yet. */
export const upsertSeparations = statement(
  'identity.upsert_separations',
  `INSERT INTO never_same (left_id, right_id, at, number, message_hash, lifted)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bigint[], $5::uuid[],
     $6::boolean[])
   ON CONFLICT (left_id, right_id) DO UPDATE SET at = EXCLUDED.at, number = EXCLUDED.number,
     message_hash = EXCLUDED.message_hash, lifted = EXCLUDED.lifted
   WHERE (EXCLUDED.at, NOT EXCLUDED.lifted, EXCLUDED.message_hash)
     > (never_same.at, NOT never_same.lifted, never_same.message_hash)`,
);

export const upsertRetractions = statement(
  'identity.upsert_retractions',
  `INSERT INTO retraction (left_id, right_id, at, number, message_hash, decided_at)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bigint[], $5::uuid[],
     $6::timestamptz[])
   ON CONFLICT (left_id, right_id) DO UPDATE SET at = EXCLUDED.at, number = EXCLUDED.number,
     message_hash = EXCLUDED.message_hash, decided_at = EXCLUDED.decided_at
   WHERE (EXCLUDED.at, EXCLUDED.decided_at, EXCLUDED.message_hash)
     > (retraction.at, retraction.decided_at, retraction.message_hash)`,
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
