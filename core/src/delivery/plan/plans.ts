// The statements that planning and the gate read with: who holds a contact point, who is a member.
import { profilesOf } from '../../identity/subject-sql.ts';
import { statement } from '../../store/store.ts';

const ownContacts = `SELECT ps.profile_id AS "profileId", i.id, i.hash, i.namespace, i.value, i.first_at AS at
   FROM profile_subject ps JOIN identifier i ON i.id = ps.subject_id
   WHERE ps.profile_id = ANY($1::uuid[]) AND ps.to_at = 'infinity' AND i.namespace = ANY($2::text[])`;

/** Of the next those alone that nobody shares. */
export const selectOwnContacts = statement('plan.select_own_contacts', ownContacts);

/** $1: profiles, $2: namespaces. The addresses and numbers that each of them can be reached at. */
export const selectContacts = statement(
  'plan.select_contacts',
  `${ownContacts}
   UNION ALL
   SELECT ps.profile_id, i.id, i.hash, i.namespace, i.value, min(c.at)
   FROM profile_subject ps
   JOIN contact c ON c.subject_id = ps.subject_id AND c.at >= ps.from_at AND c.at < ps.to_at
   JOIN identifier i ON i.id = c.identifier_id
   WHERE ps.profile_id = ANY($1::uuid[]) AND i.namespace = ANY($2::text[])
   GROUP BY ps.profile_id, i.id`,
);

/** Strongest accepted evidence of each identifier; smaller is stronger. */
export const selectTrust = statement(
  'plan.select_trust',
  `SELECT q.id, min(e.trust) AS trust FROM unnest($1::bigint[]) AS q(id)
   JOIN evidence e ON (e.left_id = q.id OR e.right_id = q.id) AND e.rejected_by IS NULL
   GROUP BY q.id`,
);

export const selectHolders = statement(
  'plan.select_holders',
  `SELECT ps.profile_id AS "profileId" FROM profile_subject ps
   WHERE ps.subject_id = ANY($1::bigint[]) AND ps.to_at = 'infinity'
   UNION
   SELECT ps.profile_id FROM contact c
   JOIN ${profilesOf('c.subject_id')} ps ON c.at >= ps.from_at AND c.at < ps.to_at
   WHERE c.identifier_id = ANY($1::bigint[])`,
);

export const selectMemberships = statement(
  'plan.select_memberships',
  `SELECT audience, profile_id AS "profileId", since, cause FROM membership
   WHERE profile_id = ANY($1::uuid[]) AND audience = ANY($2::text[])`,
);

/** Who of them may have left or entered an audience by $2 because of time alone, which has not been looked at yet. */
export const selectLagging = statement(
  'plan.select_lagging',
  `SELECT id FROM profile WHERE id = ANY($1::uuid[]) AND check_at <= $2::timestamptz`,
);

/** $2: the traits that config maps; computed ones too. */
export const selectTraits = statement(
  'plan.select_traits',
  `SELECT p.id, (
     SELECT coalesce(jsonb_object_agg(t.name, coalesce(p.traits -> t.name, p.computed -> t.name)), '{}')
     FROM unnest($2::text[]) AS t(name) WHERE p.traits ? t.name OR p.computed ? t.name
   ) AS traits
   FROM profile p WHERE p.id = ANY($1::uuid[])`,
);

/** Everything that stands for a person: her identifiers now, and her contact points. */
export const selectPersonHashes = statement(
  'plan.select_person_hashes',
  `SELECT ps.profile_id AS "profileId", i.hash, i.namespace
   FROM profile_subject ps JOIN identifier i ON i.id = ps.subject_id
   WHERE ps.profile_id = ANY($1::uuid[])
   UNION
   SELECT ps.profile_id, i.hash, i.namespace
   FROM profile_subject ps
   JOIN contact c ON c.subject_id = ps.subject_id AND c.at >= ps.from_at AND c.at < ps.to_at
   JOIN identifier i ON i.id = c.identifier_id
   WHERE ps.profile_id = ANY($1::uuid[])`,
);

export const selectIdentifiers = statement(
  'plan.select_identifiers',
  `SELECT id, hash, namespace, value FROM identifier WHERE id = ANY($1::bigint[])`,
);

/** What these profiles stood for the last time they were planned. */
export const selectSpokenFor = statement(
  'plan.select_spoken_for',
  `SELECT h.identifier_id AS id FROM ledger l
   JOIN key_holder h ON h.instance = l.instance AND h.key_hash = l.key_hash
   WHERE l.profile_id = ANY($2::uuid[]) AND l.instance = $1
   UNION
   SELECT identifier_id FROM episode WHERE profile_id = ANY($2::uuid[]) AND instance = $1`,
);

export const selectKeysOfIdentifiers = statement(
  'plan.select_keys_of_identifiers',
  `SELECT DISTINCT key_hash AS "keyHash" FROM key_holder
   WHERE instance = $1 AND identifier_id = ANY($2::bigint[])`,
);

export const selectKeyHolders = statement(
  'plan.select_key_holders',
  `SELECT key_hash AS "keyHash", identifier_id AS "identifierId", identifier_hash AS "identifierHash"
   FROM key_holder WHERE instance = $1 AND key_hash = ANY($2::uuid[])`,
);

export const insertKeyHolders = statement(
  'plan.insert_key_holders',
  `INSERT INTO key_holder (instance, key_hash, identifier_id, identifier_hash)
   SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::uuid[]) ON CONFLICT DO NOTHING`,
);

/** Nobody who stood behind these keys is left, and nothing is to be taken out by them. */
export const dropStrayHolders = statement(
  'plan.drop_stray_holders',
  `DELETE FROM key_holder h WHERE h.instance = $1 AND h.key_hash = ANY($2::uuid[])
     AND NOT EXISTS (SELECT FROM ledger l WHERE l.instance = $1 AND l.key_hash = h.key_hash)
     AND NOT EXISTS (SELECT FROM key_holder o JOIN identifier i ON i.id = o.identifier_id
       WHERE o.instance = $1 AND o.key_hash = h.key_hash)`,
);

/** Who of them is erased and has not come back: nothing newer than the erasure names her. */
export const selectErased = statement(
  'plan.select_erased',
  `SELECT e.identifier_hash AS hash FROM erasure e
   LEFT JOIN identifier i ON i.hash = e.identifier_hash
   WHERE e.identifier_hash = ANY($1::uuid[]) AND (i.id IS NULL OR i.last_at <= e.at)`,
);

export const insertMapFailures = statement(
  'plan.insert_map_failures',
  `INSERT INTO dead_letter (instance, stage, kind, identifier_id, code, message, at)
   SELECT $1, 'map', $2, f.id, $3, f.message, $4::timestamptz
   FROM unnest($5::bigint[], $6::text[]) AS f(id, message)
   WHERE NOT EXISTS (SELECT FROM dead_letter d WHERE d.instance = $1 AND d.stage = 'map'
     AND d.identifier_id = f.id AND d.state = 'open')`,
);

// how far planning has come ----------------------------------------------------------------------

export const selectPlanState = statement(
  'plan.select_state',
  `SELECT settings_hash AS "settingsHash", changed, profile_id AS "profileId",
     expired_to AS "expiredTo", erased_to AS "erasedTo"
   FROM plan_state WHERE instance = $1`,
);

export const upsertPlanState = statement(
  'plan.upsert_state',
  `INSERT INTO plan_state (instance, settings_hash, changed, profile_id, expired_to, erased_to)
   VALUES ($1, $2, $3, $4::uuid, $5::timestamptz, $6)
   ON CONFLICT (instance) DO UPDATE SET settings_hash = EXCLUDED.settings_hash,
     changed = EXCLUDED.changed, profile_id = EXCLUDED.profile_id,
     expired_to = EXCLUDED.expired_to, erased_to = EXCLUDED.erased_to`,
);

export const selectChangedProfiles = statement(
  'plan.select_changed_profiles',
  `SELECT id, changed FROM profile
   WHERE changed >= $1 AND (changed, id) > ($1, $2::uuid) ORDER BY changed, id LIMIT $3`,
);

export const countChangedProfiles = statement(
  'plan.count_changed_profiles',
  `SELECT count(*) AS count FROM (
     SELECT FROM profile WHERE changed >= $1 AND (changed, id) > ($1, $2::uuid) LIMIT 100000) c`,
);

export const selectErasures = statement(
  'plan.select_erasures',
  `SELECT DISTINCT number FROM erasure WHERE number > $1 ORDER BY number LIMIT $2`,
);

export const selectErasedKeys = statement(
  'plan.select_erased_keys',
  `SELECT DISTINCT h.key_hash AS "keyHash" FROM erasure e
   JOIN key_holder h ON h.instance = $1 AND h.identifier_hash = e.identifier_hash
   WHERE e.number > $2 AND e.number <= $3`,
);

/** Up to which moment to go, so that a slice stays small but no moment is cut in two. */
export const selectExpiries = statement(
  'plan.select_expiries',
  `SELECT expires_at AS at FROM consent_entry
   WHERE expires_at > $1::timestamptz AND expires_at <= $2::timestamptz
   ORDER BY expires_at LIMIT $3`,
);

/** Persons whose consent ended, by whichever of their identifiers it was given. */
export const selectExpiredProfiles = statement(
  'plan.select_expired_profiles',
  `WITH ended AS (
     SELECT DISTINCT identifier_id FROM consent_entry
     WHERE expires_at > $1::timestamptz AND expires_at <= $2::timestamptz
       AND purpose = ANY($3::text[]) AND (channel = '*' OR channel = $4)
   )
   SELECT ps.profile_id AS "profileId" FROM ended e
   CROSS JOIN ${profilesOf('e.identifier_id')} ps
   UNION
   SELECT ps.profile_id FROM ended e
   JOIN contact c ON c.identifier_id = e.identifier_id
   CROSS JOIN ${profilesOf('c.subject_id')} ps`,
);

export const selectSweepSlice = statement(
  'plan.select_sweep_slice',
  `SELECT list, key_hash AS "keyHash" FROM ledger
   WHERE instance = $1 AND (key_hash, list) > ($2::uuid, $3) ORDER BY key_hash, list LIMIT $4`,
);

/**
 * Whoever stands behind the keys: those they are an address of, and who spoke for them last. Not all that hold
 * a shared contact point, who may be any number.
 */
export const selectBehindKeys = statement(
  'plan.select_behind_keys',
  `SELECT ps.profile_id AS "profileId" FROM key_holder h
   CROSS JOIN ${profilesOf('h.identifier_id')} ps
   WHERE h.instance = $1 AND h.key_hash = ANY($2::uuid[]) AND ps.to_at = 'infinity'
   UNION
   SELECT profile_id FROM ledger WHERE instance = $1 AND key_hash = ANY($2::uuid[])`,
);

/** The same of contact points in an audience. $2 and $3 side by side. */
export const selectBehindEpisodes = statement(
  'plan.select_behind_episodes',
  `SELECT ps.profile_id AS "profileId" FROM unnest($3::bigint[]) AS q(id)
   CROSS JOIN ${profilesOf('q.id')} ps WHERE ps.to_at = 'infinity'
   UNION
   SELECT e.profile_id FROM unnest($2::text[], $3::bigint[]) AS q(audience, id)
   JOIN episode e ON e.instance = $1 AND e.audience = q.audience AND e.identifier_id = q.id`,
);

/** Before every row. */
export const firstLedgerKey = { list: '', keyHash: '00000000-0000-0000-0000-000000000000' };

export const selectEpisodeSlice = statement(
  'plan.select_episode_slice',
  `SELECT audience, identifier_id AS "identifierId" FROM episode
   WHERE instance = $1 AND (audience, identifier_id) > ($2, $3) ORDER BY audience, identifier_id
   LIMIT $4`,
);
