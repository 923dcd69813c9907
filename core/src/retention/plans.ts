// The statements of retention.
import { subjectsOf } from '../identity/subject-sql.ts';
import { dynamicStatement, statement, type Statement } from '../store/store.ts';
import type { RuleKind } from './rules.ts';

function counting(from: string): Statement {
  return dynamicStatement('retention.count_ageing', `SELECT count(*) AS removed FROM ${from}`);
}

/** At most so many: who has granted a purpose is looked at when it comes to it. */
const unheard = `profile p WHERE $3::text IS NOT NULL AND (
    SELECT max(i.last_at) FROM identifier i WHERE i.profile_id = p.id
  ) BETWEEN $1::timestamptz AND $2::timestamptz - interval '1 millisecond'`;

export const selectHorizons = statement(
  'retention.select_horizons',
  `SELECT rule, before FROM retention WHERE rule LIKE 'source:%' OR rule LIKE 'purpose:%'`,
);

export const selectRows = statement(
  'retention.select_rows',
  `SELECT rule, print, before, swept_to AS "sweptTo", place, removed, removed_now AS "removedNow",
     finished_at AS "finishedAt"
   FROM retention ORDER BY rule`,
);

/**
 * $1..$3: rules, what they cover, and from when on what they cover counts. What is kept for longer from
 * now on may come in again, so it has not been gone through.
 */
export const alignRules = statement(
  'retention.align_rules',
  `INSERT INTO retention AS r (rule, print, before, swept_to)
   SELECT rule, print, before, '-infinity'
   FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS q(rule, print, before)
   ON CONFLICT (rule) DO UPDATE SET print = EXCLUDED.print, before = EXCLUDED.before,
     swept_to = CASE WHEN r.print = EXCLUDED.print THEN least(r.swept_to, EXCLUDED.before)
       ELSE '-infinity' END,
     place = NULL, removed_now = 0`,
);

export const dropOtherRules = statement(
  'retention.drop_other_rules',
  `DELETE FROM retention WHERE rule <> ALL($1::text[])`,
);

export const noteRemoved = statement(
  'retention.note_removed',
  `UPDATE retention r SET removed = r.removed + q.removed, removed_now = r.removed_now + q.removed
   FROM unnest($1::text[], $2::bigint[]) AS q(rule, removed) WHERE r.rule = q.rule`,
);

export const notePlace = statement(
  'retention.note_place',
  `UPDATE retention SET place = $2::uuid WHERE rule = $1`,
);

/** Those that were not gone through yet. Answers with what the run has removed. */
export const finishRules = statement(
  'retention.finish_rules',
  `UPDATE retention SET swept_to = before, place = NULL, finished_at = $2::timestamptz
   WHERE rule = ANY($1::text[]) AND swept_to < before
   RETURNING rule, before, removed_now AS "removedNow"`,
);

// the log ------------------------------------------------------------------------------------------

export const beginWalk = statement(
  'retention.begin_walk',
  `INSERT INTO retention_walk (reached, up_to) VALUES (0, $1)
   ON CONFLICT (one) DO UPDATE SET reached = 0, up_to = EXCLUDED.up_to`,
);

export const selectWalk = statement(
  'retention.select_walk',
  `SELECT reached, up_to AS "upTo" FROM retention_walk FOR UPDATE`,
);

export const moveWalk = statement('retention.move_walk', `UPDATE retention_walk SET reached = $1`);

export const endWalk = statement('retention.end_walk', `DELETE FROM retention_walk`);

/** $1, $2: after one number and up to another. $3..$5: sources ('' is any) and the times that age. */
export const selectAgeing = statement(
  'retention.select_ageing',
  `SELECT number, source, message_hash, received_at, at, historical, key_id, payload
   FROM event e WHERE number > $1 AND number <= $2 AND EXISTS (
     SELECT FROM unnest($3::text[], $4::timestamptz[], $5::timestamptz[]) AS q(source, since, before)
     WHERE (q.source = '' OR q.source = e.source) AND e.at >= q.since AND e.at < q.before)
   ORDER BY number LIMIT $6`,
);

// before it happens -------------------------------------------------------------------------------

/**
 * By kind of rule. $1, $2: from when on and before when, $3: of which source or purpose; of the log a slice,
 * $4, $5: after one number and up to another. At most so many.
 */
export const countAgeing: Readonly<Record<RuleKind, Statement>> = {
  source: counting(
    `event WHERE at >= $1::timestamptz AND at < $2::timestamptz AND source = $3
       AND type <> 'delete' AND key_id = 0 AND number > $4 AND number <= $5`,
  ),
  purpose: counting(
    `consent_entry WHERE effective_at >= $1::timestamptz AND effective_at < $2::timestamptz
       AND purpose = $3 AND (evidence IS NOT NULL OR text_version IS NOT NULL)`,
  ),
  people: counting(unheard),
  people_without_purpose: counting(unheard),
  quarantine: counting(
    `quarantine WHERE received_at >= $1::timestamptz AND received_at < $2::timestamptz
       AND $3::text IS NOT NULL`,
  ),
  dead_letters: counting(
    `dead_letter WHERE at >= $1::timestamptz AND at < $2::timestamptz AND $3::text IS NOT NULL`,
  ),
};

// people -------------------------------------------------------------------------------------------

/**
 * The next profiles after one, each with whether nobody has heard of it since $2: none of its identifiers,
 * no device that is its own now. Bare: all that is known is that somebody said no by one identifier.
 * $3: the trait that holds a region, $4: regions in which a purpose holds without being asked for.
 */
export const selectUnheard = statement(
  'retention.select_unheard',
  `SELECT p.id,
     NOT EXISTS (SELECT FROM identifier i WHERE i.profile_id = p.id AND i.last_at >= $2::timestamptz)
     AND NOT EXISTS (
       SELECT FROM identifier i JOIN device_span s ON s.person_id = i.id AND s.to_at = 'infinity'
       JOIN identifier d ON d.id = s.device_id
       WHERE i.profile_id = p.id AND d.last_at >= $2::timestamptz) AS unheard,
     (SELECT count(*) FROM identifier i WHERE i.profile_id = p.id) = 1
     AND NOT EXISTS (SELECT FROM identifier i JOIN fact f ON f.subject_id = i.id WHERE i.profile_id = p.id)
     AND NOT EXISTS (SELECT FROM identifier i JOIN subject_state s ON s.subject_id = i.id
       WHERE i.profile_id = p.id)
     AND EXISTS (SELECT FROM identifier i JOIN consent_entry c ON c.identifier_id = i.id
       WHERE i.profile_id = p.id)
     AND NOT EXISTS (SELECT FROM identifier i JOIN consent_entry c ON c.identifier_id = i.id
       WHERE i.profile_id = p.id AND c.status = 'granted') AS bare,
     EXISTS (
       SELECT FROM ${subjectsOf('p.id')} s JOIN consent_entry c ON c.identifier_id = s.subject_id
       WHERE c.status = 'granted'
         AND (c.expires_at IS NULL OR c.expires_at > $5::timestamptz)
         AND NOT EXISTS (
           SELECT FROM consent_entry n WHERE n.identifier_id = c.identifier_id
             AND n.purpose = c.purpose AND n.status <> 'granted'
             AND (n.channel = '*' OR n.channel = c.channel) AND n.effective_at >= c.effective_at
             AND (n.expires_at IS NULL OR n.expires_at > $5::timestamptz)))
     OR coalesce(p.traits ->> $3 = ANY($4::text[]), false)
     OR coalesce(split_part(p.traits ->> $3, '-', 1) = ANY($4::text[]), false) AS granted
   FROM (SELECT id, traits FROM profile WHERE id > $1::uuid ORDER BY id LIMIT $6) AS p
   ORDER BY p.id`,
);

/** All that makes up the profiles, with the devices that no other ever owned. */
export const selectTheirIdentifiers = statement(
  'retention.select_their_identifiers',
  `SELECT i.hash, i.namespace, i.value FROM identifier i WHERE i.profile_id = ANY($1::uuid[])
   UNION
   SELECT d.hash, d.namespace, d.value FROM device_span s
   JOIN identifier i ON i.id = s.person_id AND i.profile_id = ANY($1::uuid[])
   JOIN identifier d ON d.id = s.device_id
   WHERE NOT EXISTS (
     SELECT FROM device_span o JOIN identifier p ON p.id = o.person_id
     WHERE o.device_id = d.id AND p.profile_id <> ALL($1::uuid[]))
   ORDER BY 2, 3`,
);

/** Where the newest answer of an identifier is no. $1: hashes, $2: now. */
export const selectRefusals = statement(
  'retention.select_refusals',
  `SELECT * FROM (
     SELECT DISTINCT ON (i.id, c.purpose, c.channel) i.namespace, i.value, c.purpose, c.channel,
       c.status, c.lawful_basis AS "lawfulBasis", c.jurisdiction, c.effective_at AS "effectiveAt",
       c.expires_at AS "expiresAt"
     FROM identifier i JOIN consent_entry c ON c.identifier_id = i.id
     WHERE i.hash = ANY($1::uuid[])
     ORDER BY i.id, c.purpose, c.channel, c.effective_at DESC, (c.status = 'granted')
   ) AS newest
   WHERE status <> 'granted' AND ("expiresAt" IS NULL OR "expiresAt" > $2::timestamptz)
   ORDER BY namespace, value, purpose, channel`,
);
