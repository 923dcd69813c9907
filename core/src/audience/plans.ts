// The statements of audiences. Whoever evaluates holds the row of change_head, so no two
// evaluations run at once and plain reads suffice.
import { subjectsOf } from '../identity/subject-sql.ts';
import { command, statement } from '../store/store.ts';
import type { Statement } from '../store/store.ts';
import { heldNamespacesSql } from './rule-sql.ts';

/** $2: whether some rule asks for identifiers. */
export const selectHolders = statement(
  'audience.select_holders',
  `SELECT p.id, p.traits, p.computed, p.check_at,
     CASE WHEN $2::boolean THEN ARRAY(${heldNamespacesSql('p.id')}) END AS namespaces
   FROM profile p WHERE p.id = ANY ($1::uuid[])`,
);

/** Which groups of events a set of measures reads. */
export interface EventGroups {
  /** Named events of all times: names $2. */
  readonly ever: boolean;
  /** Named events after $4: names $3. */
  readonly recent: boolean;
  /** All events of types $5, after $6. */
  readonly types: boolean;
}

/** No event is in two groups: a name of the first leaves the second, names leave the types. */
const groupConditions: Readonly<Record<keyof EventGroups, string>> = {
  ever: 'f.type = ANY ($7::text[]) AND f.name = ANY ($2::text[])',
  recent: `f.type = ANY ($7::text[]) AND f.name = ANY ($3::text[]) AND f.at > $4::timestamptz
    AND f.name <> ALL ($2::text[])`,
  types: `f.type = ANY ($5::text[]) AND f.at > $6::timestamptz
    AND f.name <> ALL ($2::text[]) AND f.name <> ALL ($3::text[])`,
};

/**
 * A row per profile that has any of the events: [type, name, milliseconds, message hash, properties
 * if the name is among $8 or the type among $5]. At most $9 events of each subject.
 */
export function selectEvents(groups: EventGroups): Statement {
  const wanted = (['ever', 'recent', 'types'] as const).filter((group) => groups[group]);
  const name = ['audience.select_events', ...wanted].join('_');
  const known = eventPlans.get(name);
  if (known !== undefined) return known;
  const branches = wanted.map(
    (group) => `SELECT f.type, f.name, f.at, f.message_hash, f.properties
      FROM fact f
      WHERE f.subject_id = s.subject_id AND f.at >= s.from_at AND f.at < s.to_at
        AND ${groupConditions[group]}`,
  );
  const plan = statement(name, eventsByProfile(branches.join(' UNION ALL ')));
  eventPlans.set(name, plan);
  return plan;
}

/** At most seven texts, one for each choice of groups. */
const eventPlans = new Map<string, Statement>();

// The subjects are found first and once for all profiles: left to itself the planner may scan a small
// table again for each of them. Every parameter is named once, since a choice of groups may leave
// some unused.
function eventsByProfile(branches: string): string {
  return `WITH subject AS MATERIALIZED (
      SELECT ps.profile_id, ps.subject_id, ps.from_at, ps.to_at
      FROM unnest($1::uuid[]) AS wanted(id)
      CROSS JOIN ${subjectsOf('wanted.id')} ps
    )
    SELECT s.profile_id AS id, json_agg(json_build_array(e.type, e.name,
      (date_part('epoch', e.at) * 1000)::bigint, e.message_hash,
      CASE WHEN e.name = ANY ($8::text[]) OR e.type = ANY ($5::text[]) THEN e.properties END)) AS events
    FROM subject s CROSS JOIN LATERAL (${branches} LIMIT $9::int) e
    WHERE num_nulls($2::text[], $3::text[], $4::timestamptz, $6::timestamptz, $7::text[]) = 0
    GROUP BY s.profile_id`;
}

/** Memberships of the profiles, and which audiences are being computed, up to which profile. */
export const selectMemberships = statement(
  'audience.select_memberships',
  `SELECT profile_id, audience, since, cause FROM membership WHERE profile_id = ANY ($1::uuid[])
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

/** Computed null: as it is. $6: an earlier time to check stays. */
export const updateEvaluations = command(
  'audience.update_evaluations',
  `UPDATE profile p SET
     computed = coalesce(u.computed, p.computed),
     check_at = CASE WHEN $6::boolean THEN least(p.check_at, u.check_at) ELSE u.check_at END,
     changed = CASE WHEN u.visible THEN greatest(p.changed, $5) ELSE p.changed END
   FROM unnest($1::uuid[], $2::jsonb[], $3::timestamptz[], $4::boolean[])
     AS u(id, computed, check_at, visible)
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
