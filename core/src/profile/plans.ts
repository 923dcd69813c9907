// The statements of facts, trait accumulators and profiles.
import { profilesOf, subjectsOf } from '../identity/subject-sql.ts';
import { command, statement } from '../store/store.ts';

export const insertFacts = command(
  'profile.insert_facts',
  `INSERT INTO fact (subject_id, type, name, at, number, message_hash, source, properties)
   SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[],
     $6::uuid[], $7::text[], $8::jsonb[])
   ON CONFLICT DO NOTHING`,
);

export const selectSubjectStates = statement(
  'profile.select_subject_states',
  `SELECT subject_id, traits FROM subject_state WHERE subject_id = ANY($1::bigint[])`,
);

export const upsertSubjectStates = command(
  'profile.upsert_subject_states',
  `INSERT INTO subject_state (subject_id, traits)
   SELECT * FROM unnest($1::bigint[], $2::jsonb[])
   ON CONFLICT (subject_id) DO UPDATE SET traits = excluded.traits`,
);

export const deleteSubjectStates = command(
  'profile.delete_subject_states',
  `DELETE FROM subject_state WHERE subject_id = ANY($1::bigint[])`,
);

export const deleteErasedFacts = statement(
  'profile.delete_erased_facts',
  `DELETE FROM fact f USING unnest($1::bigint[], $2::timestamptz[]) AS e(subject_id, at)
   WHERE f.subject_id = e.subject_id AND f.at <= e.at`,
);

/** $1, $2: subjects and the log numbers of records. */
export const deleteFactsOfRecords = statement(
  'profile.delete_facts_of_records',
  `DELETE FROM fact f USING unnest($1::bigint[], $2::bigint[]) AS q(subject_id, number)
   WHERE f.subject_id = q.subject_id AND f.number = q.number`,
);

/** Which of these exist; of those in $2 with their traits. */
export const selectExistingProfiles = statement(
  'profile.select_existing',
  `SELECT id, NULL AS traits FROM profile WHERE id = ANY($1::uuid[])
   UNION ALL
   SELECT id, traits FROM profile WHERE id = ANY($2::uuid[])`,
);

/** The accumulators of every person identifier in the profiles. */
export const selectProfileStates = statement(
  'profile.select_profile_states',
  `SELECT ps.profile_id, s.traits
   FROM profile_subject ps JOIN subject_state s ON s.subject_id = ps.subject_id
   WHERE ps.profile_id = ANY($1::uuid[])`,
);

/** Traits that were set on devices while one of the profiles owned them; $2: at most so many of each. */
export const selectDeviceTraits = statement(
  'profile.select_device_traits',
  `SELECT wanted.id AS profile_id, f.at, f.message_hash, f.source, f.number, f.properties
   FROM unnest($1::uuid[]) AS wanted(id)
   CROSS JOIN LATERAL (
     SELECT f.* FROM ${subjectsOf('wanted.id')} ps
     CROSS JOIN LATERAL (
       SELECT * FROM fact WHERE subject_id = ps.subject_id AND type = 'identify' AND name = ''
         AND at >= ps.from_at AND at < ps.to_at OFFSET 0
     ) f
     LIMIT $2
   ) f`,
);

/** The spans of all subjects of a profile. */
export const selectSpans = statement(
  'profile.select_spans',
  `SELECT subject_id, from_at, to_at FROM profile_subject WHERE profile_id = $1::uuid`,
);

/**
 * Traits that were set on devices, in the order of their time. $1, $2: devices, each up to a time; $3, $4: after
 * a time and number; $5: at most so many of each.
 */
export const selectDeviceTraitsAfter = statement(
  'profile.select_device_traits_after',
  `SELECT s.place, f.at, f.message_hash, f.source, f.number, f.properties
   FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::bigint[])
     WITH ORDINALITY AS s(subject_id, to_at, after_at, after_number, place)
   CROSS JOIN LATERAL (
     SELECT * FROM fact WHERE subject_id = s.subject_id AND type = 'identify' AND name = ''
       AND (at, number) > (s.after_at, s.after_number) AND at < s.to_at
     ORDER BY at, number LIMIT $5
   ) f
   ORDER BY s.place, f.at, f.number`,
);

/** One trait's accumulators, with the identifier each hangs on. */
export const selectTraitStates = statement(
  'profile.select_trait_states',
  `SELECT i.namespace, i.value, s.traits -> $2::text AS trait
   FROM profile_subject ps JOIN subject_state s ON s.subject_id = ps.subject_id
   JOIN identifier i ON i.id = ps.subject_id
   WHERE ps.profile_id = $1::uuid AND s.traits -> $2::text IS NOT NULL`,
);

/** One trait as it was set on devices while the profile owned them. */
export const selectDeviceTraitsOf = statement(
  'profile.select_device_traits_of',
  `SELECT i.namespace, i.value, f.at, f.message_hash, f.source, f.number, f.properties
   FROM profile_subject ps JOIN fact f ON f.subject_id = ps.subject_id
     AND f.type = 'identify' AND f.name = '' AND f.at >= ps.from_at AND f.at < ps.to_at
   JOIN identifier i ON i.id = ps.subject_id
   WHERE ps.profile_id = $1::uuid AND f.properties -> $2::text IS NOT NULL`,
);

export const upsertProfiles = command(
  'profile.upsert',
  `INSERT INTO profile (id, traits, computed, changed)
   SELECT u.id, u.traits, '{}'::jsonb, $3 FROM unnest($1::uuid[], $2::jsonb[]) AS u(id, traits)
   ON CONFLICT (id) DO UPDATE SET traits = excluded.traits, changed = excluded.changed`,
);

export const deleteProfiles = command(
  'profile.delete',
  `DELETE FROM profile WHERE id = ANY($1::uuid[])`,
);

/**
 * `changed + 0`, here and below, keeps the index over `changed` out of it. From PostgreSQL 18 on one index by (changed, id)
 * may be searched for an id alone, once for each `changed` there is: with a million people that is a thousand searches for
 * each of them.
 */
export const markChanged = command(
  'profile.mark_changed',
  `UPDATE profile SET changed = $2 WHERE id = ANY($1::uuid[]) AND changed + 0 < $2`,
);

/** Everybody who holds one of the identifiers: hers, her device at some time, or a shared address. */
export const markHoldersChanged = command(
  'profile.mark_holders_changed',
  `WITH subject AS (
     SELECT unnest($1::bigint[]) AS id
     UNION SELECT subject_id FROM contact WHERE identifier_id = ANY($1::bigint[])
   )
   UPDATE profile p SET changed = $2
   FROM subject s CROSS JOIN ${profilesOf('s.id')} ps
   WHERE p.id = ps.profile_id AND p.changed + 0 < $2`,
);

export const selectHistory = statement(
  'profile.select_history',
  `SELECT f.type, f.name, f.at, f.number, f.source, f.properties
   FROM profile_subject ps JOIN fact f ON f.subject_id = ps.subject_id
     AND f.at >= ps.from_at AND f.at < ps.to_at
   WHERE ps.profile_id = $1 AND f.type <> 'identify'
     AND (f.at, f.number) < ($2::timestamptz, $3::bigint)
   ORDER BY f.at DESC, f.number DESC LIMIT $4`,
);

export const selectProfile = statement(
  'profile.select_one',
  `SELECT id, traits, computed, changed, check_at FROM profile WHERE id = $1`,
);
