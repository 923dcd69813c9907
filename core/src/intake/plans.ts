// The statements of intake.
import { command, statement } from '../store/store.ts';

/**
 * Group commit in one statement: what is new by (source, message hash) gets the next dense numbers in
 * the order it arrived and goes into the log. The row of log_head is locked from here to the commit,
 * so numbers come in the order of commits. $11: how many erasures are known, else it fails; $12: 1 where
 * the rows erase somebody.
 */
export const appendEvents = statement(
  'intake.append_events',
  `WITH incoming AS (
     SELECT * FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[],
       $6::boolean[], $7::uuid[], $8::smallint[], $9::bytea[], $10::uuid[])
     WITH ORDINALITY
     AS i(source, message_hash, received_at, at, type, historical, subject_hash, key_id, payload,
       hash, place)
   ), fresh AS (
     INSERT INTO seen (source, hash)
     SELECT source, hash FROM incoming ORDER BY source, hash
     ON CONFLICT DO NOTHING
     RETURNING source, hash
   ), head AS (
     UPDATE log_head SET last = last + (SELECT count(*) FROM fresh),
       erasures = erasures + $12::int, erasures_known = $11::bigint + $12::int
     RETURNING last
   ), placed AS (
     SELECT i.*, head.last - count(*) OVER () + row_number() OVER (ORDER BY i.place) AS number
     FROM incoming i JOIN fresh f USING (source, hash) CROSS JOIN head
   ), written AS (
     INSERT INTO event (number, source, message_hash, received_at, at, type, historical,
       subject_hash, key_id, payload)
     SELECT number, source, message_hash, received_at, at, type, historical, subject_hash, key_id,
       payload
     FROM placed
   )
   SELECT place::int AS place, number FROM placed`,
);

/** Which of these were taken in before, by their places from 1. */
export const selectSeen = statement(
  'intake.select_seen',
  `SELECT i.place::int AS place FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS i(source, hash, place)
   JOIN seen s ON s.source = i.source AND s.hash = i.hash`,
);

export const selectErasures = statement('intake.select_erasures', `SELECT erasures FROM log_head`);

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

const quarantineColumns = `id, source, received_at, code, message, number, key_id, payload, state, settled_at,
     settled_reason`;
const quarantineFilter = `id > $1 AND ($2::text IS NULL OR source = $2) AND ($3::text IS NULL OR code = $3)
     AND ($4::timestamptz IS NULL OR received_at >= $4)
     AND ($5::timestamptz IS NULL OR received_at < $5)
     AND ($6::bigint[] IS NULL OR id = ANY($6::bigint[]))`;

/** All but a few are settled sooner or later: those few have an index of their own. */
export const selectOpenQuarantine = statement(
  'intake.select_open_quarantine',
  `SELECT ${quarantineColumns} FROM quarantine
   WHERE state = 'open' AND ${quarantineFilter} ORDER BY id LIMIT $7`,
);

export const selectQuarantine = statement(
  'intake.select_quarantine',
  `SELECT ${quarantineColumns} FROM quarantine
   WHERE ${quarantineFilter} AND ($8::text IS NULL OR state = $8) ORDER BY id LIMIT $7`,
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

/** Whose a record is depends on config: a rebuild writes down whose it is now. */
export const updateSubjects = command(
  'intake.update_subjects',
  `UPDATE event e SET subject_hash = s.hash
   FROM unnest($1::bigint[], $2::uuid[]) AS s(number, hash)
   WHERE e.number = s.number AND e.subject_hash IS DISTINCT FROM s.hash`,
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
  `SELECT id, source, received_at AS "receivedAt", code, message, payload FROM quarantine
   WHERE id > $1 ORDER BY id LIMIT $2`,
);

/** Accepted and put aside: it goes on waiting for whoever replays or drops it, and what it says stops meanwhile. */
const waitsInLog = `state = 'open' AND number IS NOT NULL`;

export const blankQuarantine = statement(
  'intake.blank_quarantine',
  `UPDATE quarantine SET payload = NULL, key_id = NULL, message = code || ': ' || $2,
     state = CASE WHEN ${waitsInLog} THEN state WHEN state = 'open' THEN 'dropped' ELSE state END,
     settled_at = CASE WHEN ${waitsInLog} THEN NULL ELSE coalesce(settled_at, received_at) END,
     settled_reason = $2
   WHERE id = ANY($1::bigint[])`,
);

export const selectHeardFrom = statement(
  'intake.select_heard_from',
  `SELECT id FROM unnest($1::text[]) AS id
   WHERE EXISTS (SELECT FROM seen WHERE seen.source = id) LIMIT 1`,
);

/** By which those are known that were aged before; an index leaves them out. */
export const agedReason = 'older than it is kept';

export const ageQuarantineEntries = statement(
  'intake.age_quarantine',
  `WITH old AS (
     SELECT id, number FROM quarantine
     WHERE received_at < $1::timestamptz AND settled_reason IS DISTINCT FROM '${agedReason}'
     ORDER BY received_at, id LIMIT $2
   ), gone AS (
     DELETE FROM quarantine q USING old WHERE q.id = old.id AND old.number IS NULL
   ), left_over AS (
     UPDATE quarantine q SET message = code || ': ${agedReason}', settled_reason = '${agedReason}',
       settled_at = CASE WHEN state = 'open' THEN NULL ELSE coalesce(settled_at, received_at) END
     FROM old WHERE q.id = old.id AND old.number IS NOT NULL
   )
   SELECT id FROM old`,
);
