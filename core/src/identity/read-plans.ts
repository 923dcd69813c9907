// The statements by which others ask who is who.
import { statement } from '../store/store.ts';
import { profilesOf } from './subject-sql.ts';

/** Of a pair `e` with its ends `l` and `r`. */
const pairColumns = `l.namespace AS left_namespace, l.value AS left_value, l.hash AS left_hash,
     l.profile_id AS left_profile,
     r.namespace AS right_namespace, r.value AS right_value, r.hash AS right_hash,
     r.profile_id AS right_profile,
     e.trust, e.probability, e.at, e.source, e.message_hash, e.number,
     e.rejected_by, e.left_id, e.right_id`;

/** Of a login `l` of the device `d` by `p`. */
const loginColumns = `d.namespace AS left_namespace, d.value AS left_value, d.hash AS left_hash,
     NULL AS left_profile,
     p.namespace AS right_namespace, p.value AS right_value, p.hash AS right_hash,
     p.profile_id AS right_profile,
     l.trust, 1::float8 AS probability, l.at, l.source, l.message_hash, l.number,
     CASE WHEN p.profile_id = $1 THEN NULL ELSE 'device' END AS rejected_by,
     l.device_id AS left_id, l.person_id AS right_id`;

export const selectByHash = statement(
  'identity.select_by_hash',
  `SELECT id, kind, profile_id FROM identifier WHERE hash = $1`,
);

export const selectByLatentId = statement(
  'identity.select_by_latent_id',
  `SELECT id, kind, profile_id FROM identifier WHERE latent_id = $1`,
);

/** The owner now, and since when she or her other identifiers have owned it without a break. */
export const selectDeviceOwner = statement(
  'identity.select_device_owner',
  `WITH owner AS (
     SELECT p.profile_id FROM device_span s JOIN identifier p ON p.id = s.person_id
     WHERE s.device_id = $1 ORDER BY s.from_at DESC LIMIT 1
   )
   SELECT o.profile_id, coalesce(
     (SELECT max(s.to_at) FROM device_span s JOIN identifier p ON p.id = s.person_id
      WHERE s.device_id = $1 AND p.profile_id <> o.profile_id),
     (SELECT min(l.at) FROM login l WHERE l.device_id = $1)
   ) AS since
   FROM owner o`,
);

/** Everybody who named a shared contact point; a device's naming counts for its owner then. */
export const selectHolders = statement(
  'identity.select_holders',
  `SELECT DISTINCT ps.profile_id
   FROM contact c JOIN ${profilesOf('c.subject_id')} ps ON c.at >= ps.from_at AND c.at < ps.to_at
   WHERE c.identifier_id = $1
   ORDER BY ps.profile_id LIMIT $2`,
);

/** Where the identifiers are now that a handed-out id stood for; a device for all its time till then. */
export const selectSuccessors = statement(
  'identity.select_successors',
  `SELECT DISTINCT ps.profile_id
   FROM handed_out h JOIN ${profilesOf('h.identifier_id')} ps ON ps.from_at <= h.at
   WHERE h.profile_id = $1
   ORDER BY ps.profile_id`,
);

export const insertHandedOut = statement(
  'identity.insert_handed_out',
  `INSERT INTO handed_out (profile_id, identifier_id, at)
   SELECT profile_id, id, $2::timestamptz FROM identifier WHERE profile_id = ANY($1::uuid[])
   ON CONFLICT (profile_id, identifier_id) DO UPDATE SET at = EXCLUDED.at
   WHERE EXCLUDED.at > handed_out.at`,
);

/** What one profile holds: its identifiers, its devices in their times, and shared contact points. $1: the profile. */
const held = `SELECT i.id, i.hash, i.namespace, i.value, i.kind, i.first_at, i.last_at, ps.from_at, ps.to_at
   FROM profile_subject ps JOIN identifier i ON i.id = ps.subject_id
   WHERE ps.profile_id = $1
   UNION ALL
   SELECT i.id, i.hash, i.namespace, i.value, i.kind, i.first_at, i.last_at,
     '-infinity'::timestamptz, 'infinity'::timestamptz
   FROM identifier i
   WHERE i.id IN (
     SELECT c.identifier_id FROM profile_subject ps JOIN contact c ON c.subject_id = ps.subject_id
       AND c.at >= ps.from_at AND c.at < ps.to_at
     WHERE ps.profile_id = $1
   )`;

export const selectIdentifiersOf = statement(
  'identity.select_identifiers_of',
  `${held}
   ORDER BY kind DESC, first_at, namespace, value, from_at
   LIMIT $2`,
);

/** Pairs with an end in the profile; each once. */
export const selectPairsOf = statement(
  'identity.select_pairs_of',
  `WITH own AS (SELECT id FROM identifier WHERE profile_id = $1 AND kind = 'person'),
   pair AS (
     SELECT e.* FROM own JOIN evidence e ON e.left_id = own.id
     UNION
     SELECT e.* FROM own JOIN evidence e ON e.right_id = own.id
   )
   SELECT ${pairColumns}
   FROM pair e JOIN identifier l ON l.id = e.left_id JOIN identifier r ON r.id = e.right_id
   ORDER BY (e.rejected_by IS NOT NULL), e.at DESC, e.message_hash
   LIMIT $2`,
);

/** Each user of the profile's devices with her last login there, the profile's own included. */
export const selectLoginsOf = statement(
  'identity.select_logins_of',
  `WITH device AS (
     SELECT DISTINCT s.device_id FROM identifier p JOIN device_span s ON s.person_id = p.id
     WHERE p.profile_id = $1
   )
   SELECT ${loginColumns}
   FROM device
   CROSS JOIN LATERAL (
     SELECT DISTINCT ON (person_id) * FROM login WHERE device_id = device.device_id
     ORDER BY person_id, at DESC, message_hash
   ) l
   JOIN identifier d ON d.id = l.device_id JOIN identifier p ON p.id = l.person_id
   ORDER BY (p.profile_id <> $1), l.at DESC, l.message_hash
   LIMIT $2`,
);

/** Pairs that an operator joined, parted or cleared, with an end in the profile. */
export const selectDecisionsOf = statement(
  'identity.select_decisions_of',
  `WITH own AS (SELECT id FROM identifier WHERE profile_id = $1 AND kind = 'person'),
   decided AS (
     SELECT 'merge' AS kind, e.left_id, e.right_id, e.at, e.number, e.rejected_by
     FROM own JOIN evidence e ON e.left_id = own.id AND e.trust = 0
     UNION
     SELECT 'merge', e.left_id, e.right_id, e.at, e.number, e.rejected_by
     FROM own JOIN evidence e ON e.right_id = own.id AND e.trust = 0
     UNION
     SELECT 'separate', n.left_id, n.right_id, n.at, n.number, NULL
     FROM own JOIN never_same n ON n.left_id = own.id AND NOT n.lifted
     UNION
     SELECT 'separate', n.left_id, n.right_id, n.at, n.number, NULL
     FROM own JOIN never_same n ON n.right_id = own.id AND NOT n.lifted
     UNION
     SELECT 'retract', r.left_id, r.right_id, r.at, r.number, NULL
     FROM own JOIN retraction r ON r.left_id = own.id
     UNION
     SELECT 'retract', r.left_id, r.right_id, r.at, r.number, NULL
     FROM own JOIN retraction r ON r.right_id = own.id
   )
   SELECT d.kind, l.namespace AS left_namespace, l.value AS left_value, l.hash AS left_hash,
     l.profile_id AS left_profile, r.namespace AS right_namespace, r.value AS right_value,
     r.hash AS right_hash, r.profile_id AS right_profile, d.at, d.number, d.rejected_by
   FROM decided d JOIN identifier l ON l.id = d.left_id JOIN identifier r ON r.id = d.right_id
   ORDER BY d.at DESC, d.number DESC LIMIT $2`,
);

// page by page, in the order of ids -----------------------------------------------------------------

/** $2, $3: after this identifier and this beginning of its time. */
export const selectIdentifiersAfter = statement(
  'identity.select_identifiers_after',
  `SELECT * FROM (
     ${held}
   ) AS held
   WHERE (id, from_at) > ($2::bigint, $3::timestamptz)
   ORDER BY id, from_at LIMIT $4`,
);

/** $2, $3: after this pair. */
export const selectPairsAfter = statement(
  'identity.select_pairs_after',
  `WITH own AS (SELECT id FROM identifier WHERE profile_id = $1 AND kind = 'person'),
   pair AS (
     SELECT e.* FROM own JOIN evidence e ON e.left_id = own.id
     UNION
     SELECT e.* FROM own JOIN evidence e ON e.right_id = own.id
   )
   SELECT ${pairColumns}
   FROM pair e JOIN identifier l ON l.id = e.left_id JOIN identifier r ON r.id = e.right_id
   WHERE (e.left_id, e.right_id) > ($2::bigint, $3::bigint)
   ORDER BY e.left_id, e.right_id LIMIT $4`,
);

/** $2, $3: after this device and its user. */
export const selectLoginsAfter = statement(
  'identity.select_logins_after',
  `WITH device AS (
     SELECT DISTINCT s.device_id FROM identifier p JOIN device_span s ON s.person_id = p.id
     WHERE p.profile_id = $1 AND s.device_id >= $2::bigint
   )
   SELECT ${loginColumns}
   FROM device
   CROSS JOIN LATERAL (
     SELECT DISTINCT ON (person_id) * FROM login WHERE device_id = device.device_id
     ORDER BY person_id, at DESC, message_hash
   ) l
   JOIN identifier d ON d.id = l.device_id JOIN identifier p ON p.id = l.person_id
   WHERE (l.device_id, l.person_id) > ($2::bigint, $3::bigint)
   ORDER BY l.device_id, l.person_id LIMIT $4`,
);
