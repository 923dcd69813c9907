// The statements of the consent ledger.
import { subjectsOf } from '../identity/subject-sql.ts';
import { command, statement } from '../store/store.ts';

export const insertStops = command(
  'consent.insert_stops',
  `INSERT INTO stop (identifier_hash, purpose, channel, number, at)
   SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
   ON CONFLICT DO NOTHING`,
);

export const selectStopped = statement(
  'consent.select_stopped',
  `SELECT DISTINCT identifier_hash FROM stop
   WHERE identifier_hash = ANY($1::uuid[])
     AND (purpose = '*' OR purpose = ANY($2::text[]))
     AND (channel = '*' OR channel = $3)`,
);

export const deleteStops = command(
  'consent.delete_stops',
  `DELETE FROM stop WHERE number > $1 AND number <= $2 AND number <> ALL($3::bigint[])`,
);

/** Of whom, up to when, and what came no later in the log than the erasure itself. */
export const deleteErasedStops = command(
  'consent.delete_erased_stops',
  `DELETE FROM stop s USING unnest($1::uuid[], $2::timestamptz[], $3::bigint[]) AS e(hash, at, number)
   WHERE s.identifier_hash = e.hash AND s.at <= e.at AND s.number <= e.number`,
);

export const deleteStopsOf = command(
  'consent.delete_stops_of',
  `DELETE FROM stop WHERE number = ANY($1::bigint[])`,
);

export const insertEntries = command(
  'consent.insert_entries',
  `INSERT INTO consent_entry (identifier_id, purpose, channel, effective_at, number, place, status,
     trust, own_device_only, lawful_basis, text_version, evidence, source, jurisdiction,
     recorded_at, expires_at)
   SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[],
     $6::smallint[], $7::text[], $8::smallint[], $9::boolean[], $10::text[], $11::text[],
     $12::jsonb[], $13::text[], $14::text[], $15::timestamptz[], $16::timestamptz[])
   ON CONFLICT DO NOTHING`,
);

/**
 * The newest entry per person (place in the question), identifier, purpose and channel; at the same
 * time the stricter, so that a decision sees few rows however long the history is. $1: profile ids,
 * $2: their places, $3/$4: identifiers that a question names, with its place, $5: purposes,
 * $6: channel, $7: the moment.
 */
export const selectEntries = statement(
  'consent.select_entries',
  `WITH subject AS (
     SELECT q.place, ps.subject_id, ps.from_at, ps.to_at,
       coalesce(d.person_id, ps.subject_id) AS through_id
     FROM unnest($1::uuid[], $2::int[]) AS q(profile_id, place)
     CROSS JOIN ${subjectsOf('q.profile_id')} ps
     LEFT JOIN device_span d ON d.device_id = ps.subject_id AND d.from_at = ps.from_at
     UNION
     SELECT q.place, q.identifier_id, '-infinity'::timestamptz, 'infinity'::timestamptz,
       q.identifier_id
     FROM unnest($3::bigint[], $4::int[]) AS q(identifier_id, place)
     JOIN identifier i ON i.id = q.identifier_id AND i.kind <> 'device'
   )
   SELECT DISTINCT ON (s.place, e.identifier_id, e.purpose, e.channel)
     s.place, e.identifier_id, s.through_id, i.namespace, e.purpose, e.channel, e.status, e.effective_at,
     e.expires_at, e.own_device_only, e.lawful_basis, e.number
   FROM subject s
   JOIN consent_entry e ON e.identifier_id = s.subject_id
     AND e.effective_at >= s.from_at AND e.effective_at < s.to_at
   JOIN identifier i ON i.id = e.identifier_id
   WHERE e.purpose = ANY($5::text[]) AND (e.channel = '*' OR e.channel = $6)
     AND e.effective_at <= $7::timestamptz
     AND NOT (e.status = 'granted' AND e.trust = 5) -- nobody's consent is inferred
   ORDER BY s.place, e.identifier_id, e.purpose, e.channel, e.effective_at DESC,
     (e.status = 'granted'), e.own_device_only DESC,
     CASE WHEN e.status = 'granted' THEN coalesce(e.expires_at, 'infinity') END ASC,
     CASE WHEN e.status <> 'granted' THEN coalesce(e.expires_at, 'infinity') END DESC`,
);

/** The region trait of each profile. */
export const selectRegions = statement(
  'consent.select_regions',
  `SELECT id, traits ->> $2 AS region FROM profile WHERE id = ANY($1::uuid[]) AND traits ? $2`,
);

/** Accepted pairs of the profiles that rest on inference somewhere. */
export const selectInferredProfiles = statement(
  'consent.select_inferred_profiles',
  `SELECT DISTINCT l.profile_id FROM identifier l
   JOIN evidence e ON e.left_id = l.id
   WHERE l.profile_id = ANY($1::uuid[]) AND e.rejected_by IS NULL AND e.trust = 5`,
);

export const selectFirmPairs = statement(
  'consent.select_firm_pairs',
  `SELECT l.profile_id, e.left_id, e.right_id, e.trust FROM identifier l
   JOIN evidence e ON e.left_id = l.id
   WHERE l.profile_id = ANY($1::uuid[]) AND e.rejected_by IS NULL`,
);

/** The identifier that a profile is named after. */
export const selectAnchors = statement(
  'consent.select_anchors',
  `SELECT id, latent_id FROM identifier WHERE latent_id = ANY($1::uuid[])`,
);

/** The ledger's entries on a profile's subjects, newest first, for people to read. */
export const selectHistory = statement(
  'consent.select_history',
  `SELECT i.namespace, i.value, e.purpose, e.channel, e.status, e.lawful_basis, e.text_version,
     e.evidence, e.source, e.jurisdiction, e.effective_at, e.recorded_at, e.expires_at, e.number
   FROM profile_subject ps
   JOIN consent_entry e ON e.identifier_id = ps.subject_id
     AND e.effective_at >= ps.from_at AND e.effective_at < ps.to_at
   JOIN identifier i ON i.id = e.identifier_id
   WHERE ps.profile_id = $1
   ORDER BY e.effective_at DESC, e.number DESC, e.place
   LIMIT $2`,
);

export const deleteErasedEntries = statement(
  'consent.delete_erased_entries',
  `DELETE FROM consent_entry c USING unnest($1::bigint[], $2::timestamptz[]) AS e(identifier_id, at)
   WHERE c.identifier_id = e.identifier_id AND c.effective_at <= e.at`,
);

export const clearProofs = statement(
  'consent.clear_proofs',
  `UPDATE consent_entry c SET evidence = NULL, text_version = NULL
   FROM unnest($1::uuid[], $2::bigint[], $3::smallint[]) AS q(hash, number, place)
   JOIN identifier i ON i.hash = q.hash
   WHERE c.identifier_id = i.id AND c.number = q.number AND c.place = q.place`,
);
