// The statements of privacy requests.
import { statement } from '../store/store.ts';

const columns = `id, kind, origin, actor, received_at AS "receivedAt", due_at AS "dueAt", state,
  identifiers, number, scan_to AS "scanTo", scanned, done_at AS "doneAt"`;

export const insertRequest = statement(
  'privacy.insert_request',
  `INSERT INTO privacy_request (id, kind, origin, actor, received_at, due_at, state, identifiers,
     number, scan_to, done_at)
   VALUES ($1::uuid, $2, $3, $4, $5::timestamptz, $6::timestamptz, $7, $8, $9, $10, $11::timestamptz)
   ON CONFLICT (id) DO UPDATE SET number = greatest(privacy_request.number, EXCLUDED.number),
     scan_to = greatest(privacy_request.scan_to, EXCLUDED.scan_to)
   RETURNING (xmax = 0) AS fresh`,
);

/** A request that names more than one record takes comes in several. */
export const insertSubjects = statement(
  'privacy.insert_subjects',
  `WITH fresh AS (
     INSERT INTO privacy_subject (request_id, identifier_hash, at)
     SELECT $1::uuid, hash, $3::timestamptz FROM unnest($2::uuid[]) AS hash
     ON CONFLICT DO NOTHING RETURNING 1
   )
   UPDATE privacy_request SET identifiers = (SELECT count(*) FROM fresh) + (
     SELECT count(*) FROM privacy_subject WHERE request_id = $1::uuid)
   WHERE id = $1::uuid`,
);

export const selectRequests = statement(
  'privacy.select_requests',
  `SELECT ${columns} FROM privacy_request
   WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR kind = $2)
     AND (received_at, id) < ($3::timestamptz, $4::uuid)
   ORDER BY received_at DESC, id DESC LIMIT $5`,
);

export const selectRequest = statement(
  'privacy.select_request',
  `SELECT ${columns} FROM privacy_request WHERE id = $1::uuid`,
);

export const selectRequestsOf = statement(
  'privacy.select_requests_of',
  `SELECT DISTINCT ${columns} FROM privacy_request r
   JOIN privacy_subject s ON s.request_id = r.id
   WHERE s.identifier_hash = ANY($1::uuid[]) ORDER BY "receivedAt"`,
);

/** By the index of what is open, the most urgent first. */
const erasuresAtWork = `kind = 'erase' AND state = 'working' AND number IS NOT NULL`;

/** Those for which the log is not gone through yet, whatever destinations make of them. */
export const selectUnscanned = statement(
  'privacy.select_unscanned',
  `SELECT ${columns} FROM privacy_request WHERE ${erasuresAtWork} AND scanned < scan_to
   ORDER BY due_at, id LIMIT $1`,
);

/** A page of all that are open, behind a place. */
export const selectOpenErasures = statement(
  'privacy.select_open_erasures',
  `SELECT ${columns} FROM privacy_request
   WHERE ${erasuresAtWork} AND (due_at, id) > ($1::timestamptz, $2::uuid)
   ORDER BY due_at, id LIMIT $3`,
);

export const countOpen = statement(
  'privacy.count_open',
  `SELECT kind, count(*) AS open, count(*) FILTER (WHERE due_at < $1::timestamptz) AS overdue
   FROM privacy_request WHERE state <> 'done' GROUP BY kind`,
);

export const selectSubjects = statement(
  'privacy.select_subjects',
  `SELECT request_id AS "requestId", identifier_hash AS hash, at FROM privacy_subject
   WHERE request_id = ANY($1::uuid[])`,
);

export const advanceScan = statement(
  'privacy.advance_scan',
  `UPDATE privacy_request SET scanned = greatest(scanned, $2) WHERE id = ANY($1::uuid[])`,
);

export const finishRequest = statement(
  'privacy.finish_request',
  `UPDATE privacy_request SET state = 'done', done_at = $2::timestamptz
   WHERE id = $1::uuid AND state <> 'done' RETURNING id`,
);

export const selectTasks = statement(
  'privacy.select_tasks',
  `SELECT instance, state, outcome, answered_at AS "answeredAt", confirmed_by AS "confirmedBy",
     changed_at AS "changedAt"
   FROM privacy_task WHERE request_id = $1::uuid ORDER BY instance`,
);

/** What a person has confirmed stays confirmed. */
export const upsertTask = statement(
  'privacy.upsert_task',
  `INSERT INTO privacy_task (request_id, instance, state, outcome, answered_at, changed_at)
   VALUES ($1::uuid, $2, $3, $4, $5::timestamptz, $6::timestamptz)
   ON CONFLICT (request_id, instance) DO UPDATE SET state = EXCLUDED.state,
     outcome = coalesce(EXCLUDED.outcome, privacy_task.outcome),
     answered_at = coalesce(EXCLUDED.answered_at, privacy_task.answered_at),
     changed_at = EXCLUDED.changed_at
   WHERE privacy_task.state <> 'confirmed' AND (privacy_task.state, privacy_task.answered_at)
     IS DISTINCT FROM (EXCLUDED.state, coalesce(EXCLUDED.answered_at, privacy_task.answered_at))`,
);

export const confirmTask = statement(
  'privacy.confirm_task',
  `UPDATE privacy_task SET state = 'confirmed', confirmed_by = $3, changed_at = $4::timestamptz
   WHERE request_id = $1::uuid AND instance = $2 AND state IN ('by_hand', 'refused')
   RETURNING instance`,
);

// whom a request is about --------------------------------------------------------------------------

/** All that makes up the profiles: identifiers, their earlier forms, and the devices that no other ever owned. */
export const selectPerson = statement(
  'privacy.select_person',
  `SELECT i.hash, i.namespace, i.value FROM identifier i WHERE i.profile_id = ANY($1::uuid[])
   UNION
   SELECT f.hash, f.namespace, f.value FROM identifier i
   JOIN identifier f ON f.now_hash = i.hash WHERE i.profile_id = ANY($1::uuid[])
   UNION
   SELECT i.hash, i.namespace, i.value FROM identifier i
   WHERE i.id IN (
     SELECT s.device_id FROM device_span s JOIN identifier p ON p.id = s.person_id
     WHERE p.profile_id = ANY($1::uuid[]))
     AND NOT EXISTS (
       SELECT FROM device_span s JOIN identifier p ON p.id = s.person_id
       WHERE s.device_id = i.id AND p.profile_id <> ALL($1::uuid[]))`,
);

/**
 * What happened on devices while they were hers that are not erased with her.
 * $1: hashes of hers, $2: up to when she is erased.
 */
export const selectSharedFacts = statement(
  'privacy.select_shared_facts',
  `SELECT f.number FROM identifier p
   JOIN device_span s ON s.person_id = p.id
   JOIN identifier d ON d.id = s.device_id AND d.hash <> ALL($1::uuid[])
   JOIN fact f ON f.subject_id = s.device_id AND f.at >= s.from_at AND f.at < s.to_at
     AND f.at <= $2::timestamptz
   WHERE p.hash = ANY($1::uuid[]) AND f.number > $3
   ORDER BY f.number LIMIT $4`,
);

export const selectEventsAt = statement(
  'privacy.select_events_at',
  `SELECT number, source, message_hash, received_at, at, historical, key_id, payload
   FROM event WHERE number = ANY($1::bigint[]) ORDER BY number`,
);

/** The owners a device ever had. */
export const selectOwners = statement(
  'privacy.select_owners',
  `SELECT DISTINCT p.profile_id FROM identifier d
   JOIN device_span s ON s.device_id = d.id JOIN identifier p ON p.id = s.person_id
   WHERE d.hash = $1::uuid`,
);

// suppression --------------------------------------------------------------------------------------

export const upsertSuppressions = statement(
  'privacy.upsert_suppressions',
  `INSERT INTO suppression (identifier_hash, at)
   SELECT hash, max(at) FROM unnest($1::uuid[], $2::timestamptz[]) AS q(hash, at) GROUP BY hash
   ORDER BY hash
   ON CONFLICT (identifier_hash) DO UPDATE SET at = EXCLUDED.at,
     returned_at = CASE WHEN suppression.returned_at > EXCLUDED.at THEN suppression.returned_at END
   WHERE EXCLUDED.at > suppression.at`,
);

export const upsertAgedSuppressions = statement(
  'privacy.upsert_aged_suppressions',
  `INSERT INTO suppression (identifier_hash, at, returned_at)
   SELECT hash, max(at), max(returned_at)
   FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS q(hash, at, returned_at)
   GROUP BY hash ORDER BY hash
   ON CONFLICT (identifier_hash) DO UPDATE SET at = EXCLUDED.at, returned_at = EXCLUDED.returned_at
   WHERE EXCLUDED.at > suppression.at AND suppression.returned_at IS NOT NULL`,
);

export const selectSuppressions = statement(
  'privacy.select_suppressions',
  `SELECT identifier_hash AS hash, at, returned_at AS "returnedAt" FROM suppression
   WHERE identifier_hash = ANY($1::uuid[])`,
);

export const liftSuppressions = statement(
  'privacy.lift_suppressions',
  `UPDATE suppression s SET returned_at = least(s.returned_at, q.at)
   FROM (SELECT hash, min(at) AS at FROM unnest($1::uuid[], $2::timestamptz[]) AS u(hash, at)
     GROUP BY hash ORDER BY hash) AS q
   WHERE s.identifier_hash = q.hash`,
);

export const selectKnownRequests = statement(
  'privacy.select_known_requests',
  `SELECT id FROM privacy_request WHERE id = ANY($1::uuid[])`,
);

/** By which destinations may know whom these name now, and who is erased with them. */
export const selectEarlierForms = statement(
  'privacy.select_earlier_forms',
  `SELECT identifier_hash AS hash FROM erasure WHERE now_hash = ANY($1::uuid[])`,
);

/**
 * Those of whom something newer is known than their erasure. A rebuild does not touch `last_at`: this holds also
 * while people are made anew. $1, $2: identifiers with the time up to which they are erased.
 */
export const selectReturned = statement(
  'privacy.select_returned',
  `SELECT i.hash FROM unnest($1::uuid[], $2::timestamptz[]) AS s(hash, at)
   JOIN identifier i ON i.hash = s.hash AND i.last_at > s.at`,
);

export const selectKnownIdentifiers = statement(
  'privacy.select_known_identifiers',
  `SELECT hash, namespace, value FROM identifier WHERE hash = ANY($1::uuid[])`,
);
