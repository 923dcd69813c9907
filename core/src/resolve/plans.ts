// The statements by which resolve reads the log and keeps its place.
import { profilesOf } from '../identity/subject-sql.ts';
import { command, statement } from '../store/store.ts';

/** Where resolve stands; the row is locked, so that one process resolves at a time. */
export const lockCursor = statement(
  'resolve.lock_cursor',
  `SELECT position FROM cursor WHERE consumer = 'resolve' FOR UPDATE`,
);

export const moveCursor = command(
  'resolve.move_cursor',
  `UPDATE cursor SET position = $1 WHERE consumer = 'resolve'`,
);

export const selectEvents = statement(
  'resolve.select_events',
  `SELECT number, source, message_hash, received_at, at, historical, key_id, payload
   FROM event WHERE number > $1 ORDER BY number LIMIT $2`,
);

/** What was put aside of these numbers and not replayed. */
export const selectPutAside = statement(
  'resolve.select_put_aside',
  `SELECT id, number, state FROM quarantine
   WHERE number = ANY($1::bigint[]) AND state <> 'replayed'`,
);

const resolvedEvent = `SELECT e.number, e.source, e.message_hash, e.received_at, e.at,
     e.historical, e.key_id, e.payload, ps.profile_id
   FROM event e
   JOIN cursor c ON c.consumer = 'resolve' AND e.number <= c.position
   LEFT JOIN identifier i ON i.hash = e.subject_hash
   LEFT JOIN ${profilesOf('i.id')} ps ON e.at >= ps.from_at AND e.at < ps.to_at`;

export const selectResolvedAfter = statement(
  'resolve.select_resolved_after',
  `${resolvedEvent} WHERE e.number > $1 ORDER BY e.number LIMIT $2`,
);

export const selectResolvedAt = statement(
  'resolve.select_resolved_at',
  `${resolvedEvent} WHERE e.number = ANY($1::bigint[]) ORDER BY e.number`,
);

export const selectCursor = statement(
  'resolve.select_cursor',
  `SELECT position FROM cursor WHERE consumer = 'resolve'`,
);

export const selectEventsByNumber = statement(
  'resolve.select_events_by_number',
  `SELECT number, source, message_hash, received_at, at, historical, key_id, payload
   FROM event WHERE number = ANY($1::bigint[]) ORDER BY number`,
);

/**
 * $1, $2: identifiers with the time of their erasure, $3: the earliest of these. Nothing happens after
 * it was received, so the index of that leaves out the log before. What was put aside never counted.
 */
export const selectLaterIdentifies = statement(
  'resolve.select_later_identifies',
  `SELECT e.number, e.source, e.message_hash, e.received_at, e.at, e.historical, e.key_id, e.payload
   FROM event e
   JOIN cursor c ON c.consumer = 'resolve' AND e.number <= c.position
   JOIN unnest($1::uuid[], $2::timestamptz[]) AS s(hash, at) ON e.subject_hash = s.hash
   WHERE e.received_at > $3::timestamptz AND e.at > s.at AND e.type = 'identify'
     AND NOT EXISTS (
       SELECT 1 FROM quarantine q WHERE q.number = e.number AND q.state <> 'replayed'
     )
   ORDER BY e.number`,
);

/** What stands in the audit log for the identifiers that profiles are named after. */
export const selectReferences = statement(
  'resolve.select_references',
  `SELECT latent_id, audit_ref FROM identifier WHERE latent_id = ANY($1::uuid[])`,
);

export const selectReferencesOfHashes = statement(
  'resolve.select_references_of_hashes',
  `SELECT hash, audit_ref FROM identifier WHERE hash = ANY($1::uuid[])`,
);

export const selectLag = statement(
  'resolve.select_lag',
  `SELECT h.last - c.position AS events,
     (SELECT received_at FROM event WHERE number = c.position + 1) AS oldest
   FROM log_head h, cursor c WHERE c.consumer = 'resolve'`,
);

export const nextChange = statement(
  'resolve.next_change',
  `UPDATE change_head SET last = last + 1 RETURNING last`,
);

export const selectSubjectIds = statement(
  'resolve.select_subject_ids',
  `SELECT id, hash FROM identifier WHERE hash = ANY($1::uuid[])`,
);

export const selectProfilesOfSubjects = statement(
  'resolve.select_profiles_of_subjects',
  `SELECT DISTINCT profile_id FROM profile_subject WHERE subject_id = ANY($1::bigint[])`,
);

/** Resolved identifies of these subjects that no erasure covers. $2: after this number. */
export const selectIdentifiesOfSubjects = statement(
  'resolve.select_identifies_of_subjects',
  `SELECT e.number, e.source, e.message_hash, e.received_at, e.at, e.historical, e.key_id, e.payload
   FROM event e
   JOIN cursor c ON c.consumer = 'resolve' AND e.number <= c.position
   LEFT JOIN erasure x ON x.identifier_hash = e.subject_hash
   WHERE e.subject_hash = ANY($1::uuid[]) AND e.type = 'identify' AND e.number > $2
     AND (x.at IS NULL OR e.at > x.at)
     AND NOT EXISTS (
       SELECT 1 FROM quarantine q WHERE q.number = e.number AND q.state <> 'replayed'
     )
   ORDER BY e.number LIMIT $3`,
);
