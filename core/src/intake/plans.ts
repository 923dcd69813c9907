// The statements of intake.
import { command, statement } from '../store/store.ts';

/**
 * Group commit in one statement: what is new by (source, message hash) gets the next dense numbers in
 * the order it arrived and goes into the log. The row of log_head is locked from here to the commit,
 * so numbers come in the order of commits.
 */
export const appendEvents = statement(
  'intake.append_events',
  `WITH incoming AS (
     SELECT * FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[],
       $6::boolean[], $7::uuid[], $8::smallint[], $9::bytea[])
     WITH ORDINALITY
     AS i(source, hash, received_at, at, type, historical, subject_hash, key_id, payload, place)
   ), fresh AS (
     INSERT INTO seen (source, hash)
     SELECT source, hash FROM incoming ORDER BY source, hash
     ON CONFLICT DO NOTHING
     RETURNING source, hash
   ), head AS (
     UPDATE log_head SET last = last + (SELECT count(*) FROM fresh) RETURNING last
   ), placed AS (
     SELECT i.*, head.last - count(*) OVER () + row_number() OVER (ORDER BY i.place) AS number
     FROM incoming i JOIN fresh f USING (source, hash) CROSS JOIN head
   ), written AS (
     INSERT INTO event (number, source, message_hash, received_at, at, type, historical,
       subject_hash, key_id, payload)
     SELECT number, source, hash, received_at, at, type, historical, subject_hash, key_id, payload
     FROM placed
   )
   SELECT place::int AS place, number FROM placed`,
);

export const insertQuarantine = command(
  'intake.insert_quarantine',
  `INSERT INTO quarantine (source, received_at, code, message, number, key_id, payload)
   SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[],
     $6::smallint[], $7::bytea[])`,
);

export const upsertCheckpoint = command(
  'intake.upsert_checkpoint',
  `INSERT INTO checkpoint (source, value, updated_at) VALUES ($1, $2::jsonb, $3::timestamptz)
   ON CONFLICT (source) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
);

export const deleteCheckpoint = statement(
  'intake.delete_checkpoint',
  `DELETE FROM checkpoint WHERE source = $1`,
);

export const selectCheckpoint = statement(
  'intake.select_checkpoint',
  `SELECT value FROM checkpoint WHERE source = $1`,
);

export const selectLastReceived = statement(
  'intake.select_last_received',
  `SELECT received_at FROM event ORDER BY number DESC LIMIT 1`,
);

export const selectQuarantine = statement(
  'intake.select_quarantine',
  `SELECT id, source, received_at, code, message, number, key_id, payload, state, settled_at,
     settled_reason
   FROM quarantine
   WHERE id > $1 AND ($2::text IS NULL OR source = $2) AND ($3::text IS NULL OR code = $3)
     AND ($4::text IS NULL OR state = $4) AND ($5::timestamptz IS NULL OR received_at >= $5)
     AND ($6::timestamptz IS NULL OR received_at < $6)
     AND ($7::bigint[] IS NULL OR id = ANY($7::bigint[]))
   ORDER BY id LIMIT $8`,
);

export const selectQuarantinePayload = statement(
  'intake.select_quarantine_payload',
  `SELECT q.id, q.source, q.received_at, q.code, q.number, coalesce(q.key_id, e.key_id) AS key_id,
     coalesce(q.payload, e.payload) AS payload
   FROM quarantine q LEFT JOIN event e ON e.number = q.number
   WHERE q.state = 'open' AND q.id = ANY($1::bigint[]) ORDER BY q.id FOR UPDATE OF q`,
);

export const settleQuarantine = statement(
  'intake.settle_quarantine',
  `UPDATE quarantine SET state = $2, settled_at = $3::timestamptz, settled_reason = $4
   WHERE id = ANY($1::bigint[]) AND state = 'open' RETURNING id`,
);

export const selectHead = statement('intake.select_head', `SELECT last FROM log_head`);

export const selectLogSlice = statement(
  'intake.select_log_slice',
  `SELECT number, source, message_hash, received_at, at, historical, key_id, payload
   FROM event WHERE number > $1 AND number <= $2 ORDER BY number LIMIT $3`,
);

export const selectDeletes = statement(
  'intake.select_deletes',
  `SELECT number, source, message_hash, received_at, at, historical, key_id, payload
   FROM event WHERE type = 'delete' AND number > $1 AND number <= $2 ORDER BY number LIMIT $3`,
);

/** $4: the subject stays. */
export const rewriteEvents = statement(
  'intake.rewrite_events',
  `UPDATE event e SET key_id = q.key_id, payload = q.payload,
     subject_hash = CASE WHEN q.has_subject THEN e.subject_hash END
   FROM unnest($1::bigint[], $2::smallint[], $3::bytea[], $4::boolean[])
     AS q(number, key_id, payload, has_subject)
   WHERE e.number = q.number`,
);

export const selectKeptAside = statement(
  'intake.select_kept_aside',
  `SELECT id, message, payload FROM quarantine WHERE id > $1 ORDER BY id LIMIT $2`,
);

export const blankQuarantine = statement(
  'intake.blank_quarantine',
  `UPDATE quarantine SET payload = NULL, key_id = NULL, message = code || ': ' || $2,
     state = CASE WHEN state = 'open' THEN 'dropped' ELSE state END,
     settled_at = coalesce(settled_at, received_at), settled_reason = $2
   WHERE id = ANY($1::bigint[])`,
);
