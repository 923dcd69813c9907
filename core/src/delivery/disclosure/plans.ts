// The statements over who was shown to whom.
import { statement } from '../../store/store.ts';

/**
 * $2..$4: distinct people and scopes with their fields, joined by U+001F. People are counted once per
 * field, by the identifier that the destination knows them by: what was handed over beside another did not count
 * until it is the key itself. $5: the moment, $6: the purposes, $7: is it
 * that one?
 */
export const noteDisclosures = statement(
  'disclosure.note',
  `WITH sent AS (
     SELECT u.hash, u.scope, string_to_array(u.fields, chr(31)) AS fields, u.keyed
     FROM unnest($2::uuid[], $3::text[], $4::text[], $7::boolean[]) AS u(hash, scope, fields, keyed)
   ), before AS (
     SELECT s.hash, s.scope, d.fields, d.keyed FROM sent s
     JOIN disclosure d ON d.instance = $1 AND d.scope = s.scope AND d.identifier_hash = s.hash
   ), written AS (
     INSERT INTO disclosure (instance, scope, identifier_hash, fields, first_at, last_at, keyed)
     SELECT $1, scope, hash, fields, $5::timestamptz, $5::timestamptz, keyed FROM sent
     ORDER BY scope, hash
     ON CONFLICT (instance, scope, identifier_hash) DO UPDATE SET
       last_at = greatest(disclosure.last_at, EXCLUDED.last_at),
       keyed = disclosure.keyed OR EXCLUDED.keyed,
       fields = CASE WHEN disclosure.fields @> EXCLUDED.fields THEN disclosure.fields
         ELSE ARRAY(SELECT DISTINCT unnest(disclosure.fields || EXCLUDED.fields) ORDER BY 1) END
   )
   INSERT INTO processing (instance, scope, field, purpose, people, first_at, last_at)
   SELECT $1, s.scope, f.name, p.name,
     count(*) FILTER (WHERE s.keyed
       AND (b.hash IS NULL OR NOT b.keyed OR NOT f.name = ANY(b.fields))),
     $5::timestamptz, $5::timestamptz
   FROM sent s CROSS JOIN unnest(s.fields) AS f(name) CROSS JOIN unnest($6::text[]) AS p(name)
   LEFT JOIN before b ON b.hash = s.hash AND b.scope = s.scope
   GROUP BY s.scope, f.name, p.name
   ORDER BY s.scope, f.name, p.name
   ON CONFLICT (instance, scope, field, purpose) DO UPDATE SET
     people = processing.people + EXCLUDED.people, last_at = EXCLUDED.last_at`,
);

/** $2..$5: distinct or not, what was shown to whom was allowed by these. $6: the moment. */
export const noteBases = statement(
  'disclosure.note_bases',
  `WITH shown AS (
     SELECT DISTINCT hash, scope, purpose, basis
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS u(hash, scope, purpose, basis)
   ), written AS (
     INSERT INTO disclosure_basis (instance, scope, identifier_hash, purpose, basis, first_at, last_at)
     SELECT $1, scope, hash, purpose, basis, $6::timestamptz, $6::timestamptz FROM shown
     ORDER BY scope, hash, purpose, basis
     ON CONFLICT (instance, scope, identifier_hash, purpose, basis) DO UPDATE SET
       last_at = greatest(disclosure_basis.last_at, EXCLUDED.last_at)
   )
   INSERT INTO processing_basis (instance, scope, purpose, basis, first_at, last_at)
   SELECT DISTINCT $1, scope, purpose, basis, $6::timestamptz, $6::timestamptz FROM shown
   ORDER BY scope, purpose, basis
   ON CONFLICT (instance, scope, purpose, basis) DO UPDATE SET
     last_at = greatest(processing_basis.last_at, EXCLUDED.last_at)`,
);

export const selectBasesOf = statement(
  'disclosure.select_bases_of',
  `SELECT instance, scope, identifier_hash AS hash, purpose, basis, first_at AS "firstAt",
     last_at AS "lastAt"
   FROM disclosure_basis WHERE identifier_hash = ANY($1::uuid[]) ORDER BY purpose, first_at`,
);

export const selectProcessingBases = statement(
  'disclosure.select_processing_bases',
  `SELECT instance, scope, purpose, basis, first_at AS "firstAt", last_at AS "lastAt"
   FROM processing_basis ORDER BY instance, scope, purpose, first_at, basis`,
);

export const lockKeys = statement(
  'disclosure.lock_keys',
  `SELECT l.instance FROM ledger l
   WHERE (l.instance, l.key_hash) IN (SELECT h.instance, h.key_hash FROM plan_state s
     JOIN key_holder h ON h.instance = s.instance AND h.identifier_hash = ANY($1::uuid[]))
   ORDER BY l.instance, l.key_hash, l.list FOR UPDATE`,
);

/**
 * The keys that these stood behind, at any instance, whatever has become of it: a key stays where somebody
 * lives behind it, or one whose own erasure is not through.
 */
export const forgetKeys = statement(
  'disclosure.forget_keys',
  `WITH hers AS (
     SELECT DISTINCT h.instance, h.key_hash FROM plan_state s
     JOIN key_holder h ON h.instance = s.instance AND h.identifier_hash = ANY($1::uuid[])
   ), gone AS (
     SELECT k.instance, k.key_hash FROM hers k WHERE NOT EXISTS (
       SELECT FROM key_holder h WHERE h.instance = k.instance AND h.key_hash = k.key_hash
         AND (EXISTS (SELECT FROM identifier i WHERE i.id = h.identifier_id)
           OR h.identifier_hash <> ALL($1::uuid[]) AND EXISTS (SELECT FROM disclosure d
             WHERE d.instance = h.instance AND d.identifier_hash = h.identifier_hash)))
   ), holders AS (
     DELETE FROM key_holder h USING gone g WHERE h.instance = g.instance AND h.key_hash = g.key_hash
   )
   DELETE FROM ledger l USING gone g WHERE l.instance = g.instance AND l.key_hash = g.key_hash
   RETURNING l.instance, l.list, l.status`,
);

/** The identifiers that speak for keys. */
export const selectSpeakers = statement(
  'disclosure.select_speakers',
  `SELECT h.key_hash AS "keyHash", h.identifier_hash AS hash
   FROM unnest($2::uuid[], $3::bigint[]) AS q(key_hash, identifier_id)
   JOIN key_holder h ON h.instance = $1 AND h.key_hash = q.key_hash
     AND h.identifier_id = q.identifier_id`,
);

export const noteErasures = statement(
  'disclosure.note_erasures',
  `UPDATE disclosure d SET erased_at = $4::timestamptz, erase_outcome = q.outcome
   FROM unnest($2::uuid[], $3::text[]) AS q(key_hash, outcome)
   JOIN key_holder h ON h.instance = $1 AND h.key_hash = q.key_hash
   WHERE d.instance = $1 AND d.identifier_hash = h.identifier_hash`,
);

/** Per identifier and instance: when it was first and last shown, and how its erasure there went. */
export const selectDisclosures = statement(
  'disclosure.select',
  `SELECT instance, identifier_hash AS hash, min(first_at) AS "firstAt", max(last_at) AS "lastAt",
     max(erased_at) AS "erasedAt", bool_or(keyed) AS keyed,
     (array_agg(erase_outcome ORDER BY erased_at DESC NULLS LAST))[1] AS outcome
   FROM disclosure WHERE identifier_hash = ANY($1::uuid[])
     AND ($2::text IS NULL OR instance = $2)
   GROUP BY instance, identifier_hash`,
);

export const selectScopes = statement(
  'disclosure.select_scopes',
  `SELECT instance, scope, identifier_hash AS hash, fields, first_at AS "firstAt",
     last_at AS "lastAt"
   FROM disclosure WHERE identifier_hash = ANY($1::uuid[]) ORDER BY instance, scope, first_at`,
);

/** $1: identifiers, $2: what was last shown before this. */
export const deleteDisclosures = statement(
  'disclosure.delete',
  `WITH q AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS u(hash, up_to)),
   bases AS (
     DELETE FROM disclosure_basis b USING q WHERE b.identifier_hash = q.hash AND b.last_at < q.up_to
   )
   DELETE FROM disclosure d USING q WHERE d.identifier_hash = q.hash AND d.last_at < q.up_to`,
);

/** Of what was shown before and after that, it is not known any more that it was before. */
export const shortenDisclosures = statement(
  'disclosure.shorten',
  `WITH q AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS u(hash, up_to)),
   bases AS (
     UPDATE disclosure_basis b SET first_at = q.up_to FROM q
     WHERE b.identifier_hash = q.hash AND b.first_at < q.up_to
   )
   UPDATE disclosure d SET first_at = q.up_to FROM q
   WHERE d.identifier_hash = q.hash AND d.first_at < q.up_to`,
);

export const selectProcessing = statement(
  'disclosure.select_processing',
  `SELECT instance, scope, field, purpose, people, first_at AS "firstAt", last_at AS "lastAt"
   FROM processing ORDER BY instance, scope, field, purpose`,
);

/** Is one of their erasures still to be planned? */
export const selectUnplanned = statement(
  'disclosure.select_unplanned',
  `SELECT number FROM erasure WHERE identifier_hash = ANY($1::uuid[]) AND number > $2 LIMIT 1`,
);

/** Changes for identifiers that are to be erased and are not yet. */
export const selectOpenErasures = statement(
  'disclosure.select_open_erasures',
  `SELECT DISTINCT l.key_hash AS "keyHash", l.list, l.status FROM key_holder h
   JOIN ledger l ON l.instance = h.instance AND l.key_hash = h.key_hash
   WHERE h.instance = $1 AND h.identifier_hash = ANY($2::uuid[])
     AND l.cause = 'erased' AND NOT (l.status = 'settled' AND l.presence = 'absent')`,
);

/** Does somebody who was not erased stand behind these keys? */
export const selectLivingHolders = statement(
  'disclosure.select_living_holders',
  `SELECT DISTINCT h.key_hash AS "keyHash" FROM key_holder h
   JOIN identifier i ON i.id = h.identifier_id AND i.hash <> ALL($3::uuid[])
   WHERE h.instance = $1 AND h.key_hash = ANY($2::uuid[])`,
);

// vendors' words that name somebody ---------------------------------------------------------------

/**
 * $1: values in lower case. Words that hold one of them go; all words go, and the hash of a vendor key, which
 * anybody could guess, once whom they were about is gone and nothing has to be taken out by it. What is open
 * stays open.
 */
export const clearLetters = statement(
  'disclosure.clear_letters',
  `WITH found AS (
     SELECT d.id,
       EXISTS (SELECT FROM unnest($1::text[]) AS v WHERE strpos(lower(d.message), v) > 0) AS tells,
       d.key_hash IS NOT NULL
         AND NOT EXISTS (SELECT FROM identifier i WHERE i.id = d.identifier_id)
         AND NOT EXISTS (
           SELECT FROM ledger l WHERE l.instance = d.instance AND l.key_hash = d.key_hash
         ) AS is_stray
     FROM dead_letter d WHERE d.id > $2 AND d.id <= $3
   )
   UPDATE dead_letter d SET
     message = CASE WHEN f.tells OR f.is_stray THEN '(erased)' ELSE d.message END,
     key_hash = CASE WHEN f.is_stray THEN NULL ELSE d.key_hash END
   FROM found f WHERE d.id = f.id AND (f.tells OR f.is_stray)`,
);

export const selectLetterRange = statement(
  'disclosure.select_letter_range',
  `SELECT max(id) AS last FROM
     (SELECT id FROM dead_letter WHERE id > $1 ORDER BY id LIMIT 2000) AS s`,
);

export const clearActions = statement(
  'disclosure.clear_actions',
  `UPDATE action a SET reason = '(erased)'
   WHERE a.id > $2::uuid AND a.id <= $3::uuid
     AND EXISTS (SELECT FROM unnest($1::text[]) AS v WHERE strpos(lower(a.reason), v) > 0)`,
);

export const selectActionRange = statement(
  'disclosure.select_action_range',
  `SELECT id AS last FROM
     (SELECT id FROM action WHERE id > $1::uuid ORDER BY id LIMIT 2000) AS s
   ORDER BY id DESC LIMIT 1`,
);

export const clearForward = statement(
  'disclosure.clear_forward',
  `UPDATE forward f SET reason = '(erased)'
   WHERE EXISTS (SELECT FROM unnest($1::text[]) AS v WHERE strpos(lower(f.reason), v) > 0)`,
);

export const clearInstances = statement(
  'disclosure.clear_instances',
  `UPDATE instance_state s SET message = '(erased)'
   WHERE EXISTS (SELECT FROM unnest($1::text[]) AS v WHERE strpos(lower(s.message), v) > 0)`,
);

export const clearLedger = statement(
  'disclosure.clear_ledger',
  `UPDATE ledger l SET reason = '(erased)'
   WHERE l.instance = $2
     AND EXISTS (SELECT FROM unnest($1::text[]) AS v WHERE strpos(lower(l.reason), v) > 0)`,
);

export const ageLetters = statement(
  'disclosure.age_letters',
  `WITH old AS (
     SELECT id, state FROM dead_letter
     WHERE at < $1::timestamptz AND (state <> 'open' OR message <> '(aged)')
     ORDER BY id LIMIT $2
   ), gone AS (
     DELETE FROM dead_letter d USING old WHERE d.id = old.id AND old.state <> 'open'
   ), left_over AS (
     UPDATE dead_letter d SET message = '(aged)' FROM old WHERE d.id = old.id AND old.state = 'open'
   )
   SELECT id FROM old`,
);
