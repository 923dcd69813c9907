// The statements of audiences. Whoever evaluates holds the row of change_head, so no two
// evaluations run at once and plain reads suffice.
import { subjectsOf } from '../identity/subject-sql.ts';
import { command, dynamicStatement, statement } from '../store/store.ts';
import { heldNamespacesSql } from './rule-sql.ts';

/** $2: whether some rule asks for identifiers. */
export const selectHolders = statement(
  'audience.select_holders',
  `SELECT p.id, p.traits, p.computed, p.check_at,
     CASE WHEN $2::boolean THEN ARRAY(${heldNamespacesSql('p.id')}) END AS namespaces
   FROM profile p WHERE p.id = ANY ($1::uuid[])`,
);

/**
 * A row per profile that has any of the events. $1: profiles, $2: for each, the place of its choice
 * in $3, a JSON list of choices (see choose-events.ts), $4: at most so many events of each profile.
 * Whoever reads an event's properties finds [type, name, milliseconds, message
 * hash, properties], the others find it without the last two, which the key's index alone answers.
 *
 * OFFSET 0 keeps the planner to the indexes of one profile, subject or name after the other: it
 * cannot know that a view over two tables yields two rows, and would read them whole.
 */
export const selectEvents = statement(
  'audience.select_events',
  `WITH choice AS MATERIALIZED (
      SELECT c.* FROM json_to_recordset($3::json) AS c(place int, "everNames" text[],
        "everTypes" text[], "recentNames" text[], "recentTypes" text[], since timestamptz,
        "wholeTypes" text[], "wholeNames" text[], "wholeSince" timestamptz,
        "richTypes" text[], "richNames" text[], "richSince" timestamptz[])
    )
    SELECT wanted.id, found.events
    FROM unnest($1::uuid[], $2::int[]) AS wanted(id, place)
    JOIN choice c ON c.place = wanted.place
    CROSS JOIN LATERAL (
      SELECT json_agg(taken.event) AS events FROM (
        SELECT e.event FROM ${subjectsOf('wanted.id')} s CROSS JOIN LATERAL (
          (SELECT json_build_array(f.type, f.name, (date_part('epoch', f.at) * 1000)::bigint) AS event
            FROM fact f
            WHERE f.subject_id = s.subject_id AND f.at >= s.from_at AND f.at < s.to_at
              AND cardinality(c."everNames" || c."everTypes" || c."recentNames" || c."recentTypes") > 0
              AND (f.name = ANY (c."everNames") OR f.type = ANY (c."everTypes")
                OR f.at > c.since AND (f.name = ANY (c."recentNames") OR f.type = ANY (c."recentTypes")))
            LIMIT $4::int)
          UNION ALL
          (SELECT json_build_array(f.type, f.name, (date_part('epoch', f.at) * 1000)::bigint,
              f.message_hash, f.properties)
            FROM unnest(c."richTypes", c."richNames", c."richSince") AS rich(type, name, since)
            CROSS JOIN LATERAL (SELECT * FROM fact f
              WHERE f.subject_id = s.subject_id AND f.type = rich.type AND f.name = rich.name
                AND f.at >= s.from_at AND f.at < s.to_at AND f.at > rich.since OFFSET 0) f
            LIMIT $4::int)
          UNION ALL
          (SELECT json_build_array(f.type, f.name, (date_part('epoch', f.at) * 1000)::bigint,
              f.message_hash, f.properties)
            FROM fact f
            WHERE f.subject_id = s.subject_id AND f.at >= s.from_at AND f.at < s.to_at
              AND cardinality(c."wholeTypes" || c."wholeNames") > 0 AND f.at > c."wholeSince"
              AND (f.type = ANY (c."wholeTypes") OR f.name = ANY (c."wholeNames"))
            LIMIT $4::int)
        ) e
        LIMIT $4::int
      ) taken
    ) found
    WHERE found.events IS NOT NULL`,
);

/**
 * Memberships of the profiles, and which audiences are being computed, up to which profile. Planned
 * each time, one profile after the other: before statistics know of a table that is being filled, the
 * planner would read it whole for each slice.
 */
export const selectMemberships = dynamicStatement(
  'audience.select_memberships',
  `SELECT m.profile_id, m.audience, m.since, m.cause FROM unnest($1::uuid[]) AS wanted(id)
   CROSS JOIN LATERAL (SELECT * FROM membership WHERE profile_id = wanted.id OFFSET 0) m
   UNION ALL
   SELECT computing_after, name, NULL, NULL FROM audience WHERE computing_after IS NOT NULL`,
);

export const upsertMemberships = command(
  'audience.upsert_memberships',
  `INSERT INTO membership (audience, profile_id, since, cause, changed)
   SELECT u.*, $5 FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::text[]) AS u
   ON CONFLICT (audience, profile_id)
   DO UPDATE SET since = excluded.since, cause = excluded.cause, changed = excluded.changed`,
);

export const deleteMemberships = command(
  'audience.delete_memberships',
  `DELETE FROM membership m USING unnest($1::text[], $2::uuid[]) AS u(audience, profile_id)
   WHERE m.audience = u.audience AND m.profile_id = u.profile_id`,
);

export const deleteMembershipsOfProfiles = command(
  'audience.delete_memberships_of_profiles',
  `DELETE FROM membership WHERE profile_id = ANY ($1::uuid[])`,
);

/** Computed null: as it is. Keep: an earlier time to check stays. */
export const updateEvaluations = statement(
  'audience.update_evaluations',
  `UPDATE profile p SET
     computed = coalesce(u.computed, p.computed),
     check_at = CASE WHEN u.keep THEN least(p.check_at, u.check_at) ELSE u.check_at END,
     changed = CASE WHEN u.visible THEN greatest(p.changed, $5) ELSE p.changed END
   FROM unnest($1::uuid[], $2::jsonb[], $3::timestamptz[], $4::boolean[], $6::boolean[])
     AS u(id, computed, check_at, visible, keep)
   WHERE p.id = u.id`,
);

export const selectDue = statement(
  'audience.select_due',
  `SELECT id FROM profile WHERE check_at <= $1::timestamptz ORDER BY check_at LIMIT $2::int`,
);

export const selectDefinitions = statement(
  'audience.select_definitions',
  `SELECT name, definition_hash, computing_after FROM audience`,
);

export const selectComputedDefinition = statement(
  'audience.select_computed_definition',
  `SELECT definition_hash, computing_after FROM computed_definition`,
);

export const upsertDefinitions = statement(
  'audience.upsert_definitions',
  `INSERT INTO audience (name, definition_hash, computed_at, computing_after)
   SELECT u.name, u.hash, NULL, $3::uuid FROM unnest($1::text[], $2::text[]) AS u(name, hash)
   ON CONFLICT (name) DO UPDATE SET definition_hash = excluded.definition_hash,
     computed_at = NULL, computing_after = excluded.computing_after`,
);

export const upsertComputedDefinition = statement(
  'audience.upsert_computed_definition',
  `INSERT INTO computed_definition (definition_hash, computing_after) VALUES ($1, $2::uuid)
   ON CONFLICT (one) DO UPDATE SET definition_hash = excluded.definition_hash,
     computed_at = NULL, computing_after = excluded.computing_after`,
);

/** Removed audiences keep their row until their members are gone; no definition has this hash. */
export const markRemoved = statement(
  'audience.mark_removed',
  `UPDATE audience SET definition_hash = '', computing_after = NULL WHERE name = ANY ($1::text[])`,
);

/** Some members of a removed audience; their profiles have changed for destinations. */
export const deleteMembersOf = statement(
  'audience.delete_members_of',
  `WITH gone AS (
     DELETE FROM membership WHERE audience = $1 AND profile_id IN (
       SELECT profile_id FROM membership WHERE audience = $1 LIMIT $2::int)
     RETURNING profile_id),
   marked AS (
     UPDATE profile p SET changed = greatest(p.changed, $3) FROM gone WHERE p.id = gone.profile_id)
   SELECT count(*) AS count FROM gone`,
);

export const deleteDefinition = statement(
  'audience.delete_definition',
  `DELETE FROM audience WHERE name = $1 AND definition_hash = ''`,
);

export const selectSlice = statement(
  'audience.select_slice',
  `SELECT id FROM profile WHERE id > $1::uuid ORDER BY id LIMIT $2::int`,
);

/** $2 null: computed to the end. */
export const advanceDefinitions = command(
  'audience.advance_definitions',
  `UPDATE audience SET computing_after = $2::uuid,
     computed_at = CASE WHEN $2::uuid IS NULL THEN $3::timestamptz END
   WHERE name = ANY ($1::text[])`,
);

export const advanceComputedDefinition = command(
  'audience.advance_computed_definition',
  `UPDATE computed_definition SET computing_after = $1::uuid,
     computed_at = CASE WHEN $1::uuid IS NULL THEN $2::timestamptz END`,
);
