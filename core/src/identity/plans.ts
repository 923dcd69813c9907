// The statements that resolve identities. Whole batches only; what decides lies in pure functions.
import { command, statement } from '../store/store.ts';
import { profilesOf, subjectsOf } from './subject-sql.ts';

/** One row per hash asked for; the identifier's columns are null where it is unknown. */
export const selectKnown = statement(
  'identity.select_known',
  `SELECT s.hash, i.id, i.namespace, i.kind, i.value, i.latent_id, i.first_at, i.last_at,
     i.component, i.profile_id,
     e.at AS erased_at
   FROM unnest($1::uuid[]) AS s(hash)
   LEFT JOIN identifier i ON i.hash = s.hash
   LEFT JOIN erasure e ON e.identifier_hash = s.hash`,
);

/** Ids ahead of the rows, so that these are written once, with what the batch makes of them. */
export const takeIds = statement(
  'identity.take_ids',
  `SELECT nextval(pg_get_serial_sequence('identifier', 'id')) AS id
   FROM generate_series(1, $1::int)`,
);

export const insertIdentifiers = command(
  'identity.insert_identifiers',
  `INSERT INTO identifier (id, hash, latent_id, namespace, kind, value, first_at, last_at,
     component, profile_id)
   OVERRIDING SYSTEM VALUE
   SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
     $7::timestamptz[], $8::timestamptz[], $9::bigint[], $10::uuid[])`,
);

export const updateTimes = command(
  'identity.update_times',
  `UPDATE identifier i SET first_at = s.first_at, last_at = s.last_at, now_hash = NULL
   FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) AS s(id, first_at, last_at)
   WHERE i.id = s.id`,
);

/** What is stored of the pairs asked for: kind 0 the strongest, 1 a spare, 2 a retraction. */
export const selectObservations = statement(
  'identity.select_observations',
  `WITH s AS (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS s(left_id, right_id))
   SELECT 0 AS kind, e.left_id, e.right_id, e.trust, e.probability, e.at, e.source, e.message_hash,
     e.number, e.left_keeps, e.right_keeps, e.rejected_by
   FROM s JOIN evidence e ON e.left_id = s.left_id AND e.right_id = s.right_id
   UNION ALL
   SELECT 1, e.left_id, e.right_id, e.trust, e.probability, e.at, e.source, e.message_hash,
     e.number, true, true, NULL
   FROM s JOIN evidence_spare e ON e.left_id = s.left_id AND e.right_id = s.right_id
   UNION ALL
   SELECT 2, r.left_id, r.right_id, 0::smallint, 1::float8, r.at, '', NULL, r.number, true, true,
     NULL
   FROM s JOIN retraction r ON r.left_id = s.left_id AND r.right_id = s.right_id`,
);

const member = 'id, latent_id, namespace, value, first_at, component, profile_id';

/** The members that raw components are called by. */
export const selectNamesakes = statement(
  'identity.select_namesakes',
  `SELECT ${member} FROM identifier
   WHERE id = ANY($1::bigint[]) AND component = id AND kind = 'person'`,
);

/**
 * A slice of the other members, in order of component and id. $1: the components that nothing was read of yet,
 * $2, $3: the one that was begun and the last id read of it, $4: at most. Two questions, for each is answered from
 * where it begins in the index: asked as one, the members that were read already would be gone through again. Nor
 * is a component asked for by equality there: the planner, who takes it for small, would read and sort all of it.
 */
export const selectMembers = statement(
  'identity.select_members',
  `SELECT * FROM (
     (SELECT ${member} FROM identifier
      WHERE (component, id) > ($2, $3) AND component <= $2 AND component <> id AND kind = 'person'
      ORDER BY component, id LIMIT $4)
     UNION ALL
     (SELECT ${member} FROM identifier
      WHERE component = ANY($1::bigint[]) AND component <> id AND kind = 'person'
      ORDER BY component, id LIMIT $4)
   ) AS member
   ORDER BY component, id LIMIT $4`,
);

/**
 * The pairs that members keep; with $2 all that they have. Rows with trust null are "never the
 * same". A pair of two members comes twice.
 */
export const selectPairs = statement(
  'identity.select_pairs',
  `SELECT e.left_id, e.right_id, e.trust, e.probability, e.at, e.source, e.message_hash, e.number,
     e.left_keeps, e.right_keeps, e.rejected_by
   FROM unnest($1::bigint[]) AS m(id)
   JOIN evidence e ON e.left_id = m.id AND (e.left_keeps OR $2::boolean)
   UNION ALL
   SELECT e.left_id, e.right_id, e.trust, e.probability, e.at, e.source, e.message_hash, e.number,
     e.left_keeps, e.right_keeps, e.rejected_by
   FROM unnest($1::bigint[]) AS m(id)
   JOIN evidence e ON e.right_id = m.id AND (e.right_keeps OR $2::boolean)
   UNION ALL
   SELECT n.left_id, n.right_id, NULL, NULL, n.at, NULL, NULL, n.number, true, true, NULL
   FROM unnest($1::bigint[]) AS m(id) JOIN never_same n ON n.left_id = m.id AND NOT n.lifted`,
);

export const selectStrangers = statement(
  'identity.select_strangers',
  `SELECT id, namespace, value, component FROM identifier WHERE id = ANY($1::bigint[])`,
);

export const updatePlaces = command(
  'identity.update_places',
  `UPDATE identifier i
   SET component = s.component, profile_id = s.profile_id
   FROM unnest($1::bigint[], $2::bigint[], $3::uuid[])
     AS s(id, component, profile_id)
   WHERE i.id = s.id`,
);

export const writeEvidence = command(
  'identity.write_evidence',
  `INSERT INTO evidence (left_id, right_id, trust, probability, at, source, message_hash, number,
     left_keeps, right_keeps, rejected_by)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::float8[],
     $5::timestamptz[], $6::text[], $7::uuid[], $8::bigint[], $9::boolean[], $10::boolean[],
     $11::text[])
   ON CONFLICT (left_id, right_id) DO UPDATE SET trust = EXCLUDED.trust,
     probability = EXCLUDED.probability, at = EXCLUDED.at, source = EXCLUDED.source,
     message_hash = EXCLUDED.message_hash, number = EXCLUDED.number,
     left_keeps = EXCLUDED.left_keeps, right_keeps = EXCLUDED.right_keeps,
     rejected_by = EXCLUDED.rejected_by`,
);

export const deleteSpares = command(
  'identity.delete_spares',
  `DELETE FROM evidence_spare e
   USING unnest($1::bigint[], $2::bigint[]) AS s(left_id, right_id)
   WHERE e.left_id = s.left_id AND e.right_id = s.right_id`,
);

export const insertSpares = command(
  'identity.insert_spares',
  `INSERT INTO evidence_spare (left_id, right_id, trust, probability, at, source, message_hash,
     number)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::float8[],
     $5::timestamptz[], $6::text[], $7::uuid[], $8::bigint[])`,
);

/**
 * Answers with the profiles that held one through a device which named it in other hands since, and with those that
 * hold one by it: for the first time, or by another time where another address of theirs is of that namespace.
 * Whoever names one again, and has no other, is reached as before: shared by many, it is named by some all the time.
 */
export const upsertContacts = statement(
  'identity.upsert_contacts',
  `WITH named AS (
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[])
       AS u(identifier_id, subject_id, at)
   ), noted AS (
     INSERT INTO contact (identifier_id, subject_id, at) SELECT * FROM named
     ON CONFLICT (identifier_id, subject_id) DO UPDATE SET at = EXCLUDED.at
     WHERE EXCLUDED.at > contact.at
   ), moved AS (
     SELECT n.identifier_id, n.subject_id, c.at AS before, n.at
     FROM named n
     LEFT JOIN contact c ON c.identifier_id = n.identifier_id AND c.subject_id = n.subject_id
     WHERE c.at IS NULL OR c.at < n.at
   )
   SELECT p.profile_id, true AS "isFormer"
   FROM moved m
   JOIN device_span d ON d.device_id = m.subject_id AND m.before >= d.from_at AND m.before < d.to_at
     AND m.at >= d.to_at
   JOIN identifier p ON p.id = d.person_id
   UNION
   SELECT ps.profile_id, false
   FROM moved m
   JOIN identifier i ON i.id = m.identifier_id
   CROSS JOIN ${profilesOf('m.subject_id')} ps
   WHERE m.at >= ps.from_at AND m.at < ps.to_at
     AND (m.before IS NULL OR m.before < ps.from_at OR EXISTS (
       SELECT FROM ${subjectsOf('ps.profile_id')} hers
       LEFT JOIN identifier own ON own.id = hers.subject_id AND hers.to_at = 'infinity'
       LEFT JOIN contact c ON c.subject_id = hers.subject_id AND c.identifier_id <> i.id
         AND c.at >= hers.from_at AND c.at < hers.to_at
       LEFT JOIN identifier other ON other.id = c.identifier_id
       WHERE own.namespace = i.namespace OR other.namespace = i.namespace))`,
);
