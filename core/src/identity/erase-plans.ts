// The statements that take away what identity knows of erased identifiers up to their erasure.
import { statement } from '../store/store.ts';
import { profilesOf } from './subject-sql.ts';

export const upsertErasures = statement(
  'identity.upsert_erasures',
  `INSERT INTO erasure (identifier_hash, at, number)
   SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[])
   ON CONFLICT (identifier_hash) DO UPDATE SET at = EXCLUDED.at, number = EXCLUDED.number
   WHERE EXCLUDED.at > erasure.at`,
);

/** $1, $2: identifiers with the time up to which they are erased; in all statements below. */
const erased = `unnest($1::bigint[], $2::timestamptz[]) AS s(id, at)`;

/** The profiles whose facts are concerned: of a device those that owned it until then. */
export const selectConcerned = statement(
  'identity.select_concerned',
  `SELECT DISTINCT ps.profile_id FROM ${erased}
   JOIN ${profilesOf('s.id')} ps ON ps.from_at <= s.at`,
);

/** Answers with the components of both ends, before anything is taken away. */
export const deleteEvidence = statement(
  'identity.delete_evidence',
  `WITH gone AS (
     DELETE FROM evidence e USING (
       SELECT l.left_id, l.right_id FROM ${erased}
       JOIN evidence l ON l.left_id = s.id AND l.at <= s.at
       UNION
       SELECT r.left_id, r.right_id FROM ${erased}
       JOIN evidence r ON r.right_id = s.id AND r.at <= s.at
     ) AS d
     WHERE e.left_id = d.left_id AND e.right_id = d.right_id
     RETURNING e.left_id, e.right_id
   )
   SELECT g.left_id, g.right_id, l.component AS left_component, r.component AS right_component
   FROM gone g
   JOIN identifier l ON l.id = g.left_id JOIN identifier r ON r.id = g.right_id`,
);

export const deleteErasedSpares = statement(
  'identity.delete_erased_spares',
  `DELETE FROM evidence_spare e USING (
     SELECT l.left_id, l.right_id, l.trust, l.probability FROM ${erased}
     JOIN evidence_spare l ON l.left_id = s.id AND l.at <= s.at
     UNION
     SELECT r.left_id, r.right_id, r.trust, r.probability FROM ${erased}
     JOIN evidence_spare r ON r.right_id = s.id AND r.at <= s.at
   ) AS d
   WHERE e.left_id = d.left_id AND e.right_id = d.right_id AND e.trust = d.trust
     AND e.probability = d.probability`,
);

/** The strongest spare of each pair that lost its strongest observation takes its place. */
export const promoteSpares = statement(
  'identity.promote_spares',
  `WITH best AS (
     SELECT DISTINCT ON (e.left_id, e.right_id) e.*
     FROM unnest($1::bigint[], $2::bigint[]) AS s(left_id, right_id)
     JOIN evidence_spare e ON e.left_id = s.left_id AND e.right_id = s.right_id
     ORDER BY e.left_id, e.right_id, e.trust, e.probability DESC, e.at DESC, e.message_hash
   ), moved AS (
     DELETE FROM evidence_spare e USING best b
     WHERE e.left_id = b.left_id AND e.right_id = b.right_id AND e.trust = b.trust
       AND e.probability = b.probability
   )
   INSERT INTO evidence (left_id, right_id, trust, probability, at, source, message_hash, number)
   SELECT left_id, right_id, trust, probability, at, source, message_hash, number FROM best`,
);

export const deleteLogins = statement(
  'identity.delete_logins',
  `DELETE FROM login e USING (
     SELECT d.device_id, d.at, d.person_id FROM ${erased}
     JOIN login d ON d.device_id = s.id AND d.at <= s.at
     UNION
     SELECT p.device_id, p.at, p.person_id FROM ${erased}
     JOIN login p ON p.person_id = s.id AND p.at <= s.at
   ) AS d
   WHERE e.device_id = d.device_id AND e.at = d.at AND e.person_id = d.person_id
   RETURNING e.device_id, e.at`,
);

/** Answers with the profiles that held them. */
export const deleteContacts = statement(
  'identity.delete_contacts',
  `WITH gone AS (
     DELETE FROM contact c USING ${erased}
     WHERE (c.identifier_id = s.id OR c.subject_id = s.id) AND c.at <= s.at
     RETURNING c.subject_id, c.at
   )
   SELECT DISTINCT ps.profile_id
   FROM gone g
   JOIN ${profilesOf('g.subject_id')} ps ON g.at >= ps.from_at AND g.at < ps.to_at`,
);

export const deleteDecisions = statement(
  'identity.delete_decisions',
  `WITH retracted AS (
     DELETE FROM retraction r USING ${erased}
     WHERE (r.left_id = s.id OR r.right_id = s.id) AND r.at <= s.at
   )
   DELETE FROM never_same n USING ${erased}
   WHERE (n.left_id = s.id OR n.right_id = s.id) AND n.at <= s.at`,
);

/** Those of whom something newer is known begin again at their erasure, under a new reference. */
export const renewIdentifiers = statement(
  'identity.renew_identifiers',
  `UPDATE identifier i SET first_at = s.at, audit_ref = gen_random_uuid()
   FROM ${erased} WHERE i.id = s.id`,
);

/** The spans of a device go with its logins, later, when its owners are told. */
export const deleteIdentifiers = statement(
  'identity.delete_identifiers',
  `WITH handed AS (
     DELETE FROM handed_out WHERE identifier_id = ANY($1::bigint[])
   )
   DELETE FROM identifier WHERE id = ANY($1::bigint[])`,
);
