// The statements over actions and episodes.
import { statement } from '../../store/store.ts';

const columns = `a.id, a.instance, a.name, a.audience, a.identifier_id AS "identifierId",
  a.profile_id AS "profileId", a.episode, a.status, a.job, a.attempts, a.due_at AS "dueAt",
  a.reason, a.planned_at AS "plannedAt", a.settled_at AS "settledAt", a.taken_at AS "takenAt"`;

export const insertActionRules = statement(
  'action.insert_rules',
  `INSERT INTO action_rule (instance, name, audience, since)
   SELECT $1, r.name, r.audience, $4::timestamptz FROM unnest($2::text[], $3::text[]) AS r(name, audience)
   ON CONFLICT DO NOTHING`,
);

/** A rule taken out of config and put back begins anew. */
export const deleteActionRules = statement(
  'action.delete_rules',
  `DELETE FROM action_rule WHERE instance = $1 AND NOT EXISTS (
     SELECT FROM unnest($2::text[], $3::text[]) AS r(name, audience)
     WHERE r.name = action_rule.name AND r.audience = action_rule.audience)`,
);

export const selectActionRules = statement(
  'action.select_rules',
  `SELECT name, audience, since FROM action_rule WHERE instance = $1`,
);

export const selectEpisodes = statement(
  'action.select_episodes',
  `SELECT audience, identifier_id AS "identifierId", profile_id AS "profileId", since FROM episode
   WHERE instance = $1 AND identifier_id = ANY($2::bigint[])
   ORDER BY audience, identifier_id FOR UPDATE`,
);

export const upsertEpisodes = statement(
  'action.upsert_episodes',
  `INSERT INTO episode (instance, audience, identifier_id, profile_id, since)
   SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::uuid[], $5::timestamptz[])
   ON CONFLICT (instance, audience, identifier_id) DO UPDATE SET profile_id = EXCLUDED.profile_id`,
);

export const deleteEpisodes = statement(
  'action.delete_episodes',
  `DELETE FROM episode e USING unnest($2::text[], $3::bigint[]) AS q(audience, identifier_id)
   WHERE e.instance = $1 AND e.audience = q.audience AND e.identifier_id = q.identifier_id`,
);

/** Earlier actions at these contact points that were or may have been carried out. */
export const selectLastActions = statement(
  'action.select_last',
  `SELECT name, audience, identifier_id AS "identifierId", max(planned_at) AS at FROM action
   WHERE instance = $1 AND identifier_id = ANY($2::bigint[])
     AND status NOT IN ('filtered', 'superseded', 'rejected')
   GROUP BY name, audience, identifier_id`,
);

export const insertActions = statement(
  'action.insert',
  `INSERT INTO action (id, instance, name, audience, identifier_id, profile_id, episode, status,
     reason, due_at, planned_at, settled_at)
   SELECT a.id, $1, a.name, a.audience, a.identifier_id, a.profile_id, a.episode, a.status, a.reason,
     CASE WHEN a.status = 'due' THEN $9::timestamptz END, $9::timestamptz,
     CASE WHEN a.status <> 'due' THEN $9::timestamptz END
   FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::uuid[], $7::timestamptz[],
     $8::text[], $10::text[])
     AS a(id, name, audience, identifier_id, profile_id, episode, status, reason)
   ON CONFLICT DO NOTHING RETURNING name, status`,
);

export const supersedeActions = statement(
  'action.supersede',
  `UPDATE action a SET status = 'superseded', reason = 'the episode ended', due_at = NULL,
     settled_at = $4::timestamptz
   FROM unnest($2::text[], $3::bigint[]) AS q(audience, identifier_id)
   WHERE a.instance = $1 AND a.audience = q.audience AND a.identifier_id = q.identifier_id
     AND a.status = 'due'
   RETURNING a.name`,
);

export const selectNextAction = statement(
  'action.select_next',
  `SELECT name, audience FROM action
   WHERE instance = $1 AND status = 'due' AND due_at <= $2::timestamptz ORDER BY due_at LIMIT 1`,
);

export const claimActions = statement(
  'action.claim',
  `WITH due AS (
     SELECT id FROM action WHERE instance = $1 AND status = 'due' AND due_at <= $2::timestamptz
       AND name = $3 AND audience = $4 ORDER BY due_at LIMIT $5 FOR UPDATE SKIP LOCKED
   )
   UPDATE action a SET status = 'sending' FROM due WHERE a.id = due.id RETURNING ${columns}`,
);

export const lockActions = statement(
  'action.lock',
  `SELECT ${columns} FROM action a WHERE id = ANY($1::uuid[]) AND status = $2 ORDER BY id FOR UPDATE`,
);

export const settleActions = statement(
  'action.settle',
  `UPDATE action a SET status = q.status, job = q.job, attempts = q.attempts, due_at = q.due_at,
     reason = q.reason, settled_at = q.settled_at, taken_at = CASE
       WHEN q.status <> 'polling' THEN NULL
       WHEN a.status = 'polling' THEN coalesce(a.taken_at, $8::timestamptz)
       ELSE $8::timestamptz END
   FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::text[],
     $7::timestamptz[]) AS q(id, status, job, attempts, due_at, reason, settled_at)
   WHERE a.id = q.id`,
);

export const selectActionIdentifiers = statement(
  'action.select_identifiers',
  `SELECT id, hash, namespace, value FROM identifier WHERE id = ANY($1::bigint[])`,
);

export const recoverRepeatable = statement(
  'action.recover_repeatable',
  `UPDATE action SET status = 'due', due_at = $2::timestamptz
   WHERE instance = $1 AND status = 'sending' AND name = ANY($3::text[])`,
);

export const recoverInDoubt = statement(
  'action.recover_in_doubt',
  `UPDATE action SET status = 'in_doubt', due_at = NULL,
     reason = 'the hub stopped while the request was away'
   WHERE instance = $1 AND status = 'sending'`,
);

/** After a restore, before the instance runs: what the vendor was asked since the backup is not known. */
export const doubtActions = statement(
  'action.doubt',
  `UPDATE action SET status = 'in_doubt', due_at = NULL, reason = $2
   WHERE instance = $1 AND status IN ('due', 'sending')`,
);

export const selectDueActionJob = statement(
  'action.select_due_job',
  `SELECT job FROM action WHERE instance = $1 AND status = 'polling' AND due_at <= $2::timestamptz
   ORDER BY due_at LIMIT 1`,
);

export const claimActionJob = statement(
  'action.claim_job',
  `UPDATE action a SET due_at = $3::timestamptz
   WHERE instance = $1 AND job = $2 AND status = 'polling' RETURNING ${columns}`,
);

/**
 * What waits, however long it has, and what has left since $2. What is in doubt for ever has no moment at
 * which it left: it counts by when it was planned.
 */
export const countActionsToGuard = statement(
  'action.count_to_guard',
  `SELECT (SELECT count(*) FROM action
      WHERE instance = $1 AND (status IN ('due', 'sending', 'polling')
        OR status = 'in_doubt' AND planned_at > $2::timestamptz))
    + (SELECT count(*) FROM action
      WHERE instance = $1 AND settled_at > $2::timestamptz AND status IN ('delivered', 'rejected'))
    AS count`,
);

export const selectActions = statement(
  'action.select',
  `SELECT ${columns} FROM action a
   WHERE instance = $1 AND ($2::text IS NULL OR status = $2) ORDER BY planned_at DESC, id LIMIT $3`,
);
