// Who is in an audience at a moment. Exact even where the timer lags or a computation is under way:
// rows are believed only for profiles that were evaluated and are not due again; the others are
// asked by the rule itself.
import { createSqlParameters } from '../profile/parameters-sql.ts';
import type { SqlParameters } from '../profile/parameters-sql.ts';
import { dynamicStatement, statement } from '../store/store.ts';
import type { Lane, Queryable, Statement, Store } from '../store/store.ts';
import { membershipCauses } from './membership.ts';
import type { MembershipCause } from './membership.ts';
import { definitionHashes } from './rule-references.ts';
import { ruleToSql } from './rule-sql.ts';
import type { AudienceSettings, AudiencesSettings, Rule } from './rule.ts';
import type { SliceSize } from './slice-size.ts';

export interface Member {
  readonly profileId: string;
  /** Undefined while the row is not yet written. */
  readonly since: number | undefined;
  readonly cause: MembershipCause | undefined;
}

export interface MembersPage {
  /** Profile id of the last member seen; undefined: from the start. */
  readonly after?: string | undefined;
  readonly limit: number;
}

const selectState = statement(
  'audience.select_state',
  `SELECT definition_hash, computing_after FROM audience WHERE name = $1`,
);

const beginning = '00000000-0000-0000-0000-000000000000';

/** Members in the order of their profile ids. */
export async function membersOf(
  q: Queryable,
  audiences: AudiencesSettings,
  audience: AudienceSettings,
  now: number,
  page: MembersPage,
): Promise<Member[]> {
  const { parameters, due, rule } = await question(q, audiences, audience, now);
  const name = parameters.bind(audience.name, 'text');
  const after = parameters.bind(page.after ?? beginning, 'uuid');
  const limit = parameters.bind(String(page.limit), 'int');
  const text = `
    SELECT id, since, cause FROM (
      (SELECT p.id, m.since, m.cause FROM membership m JOIN profile p ON p.id = m.profile_id
        WHERE m.audience = ${name} AND m.profile_id > ${after} AND NOT ${due}
        ORDER BY m.profile_id LIMIT ${limit})
      UNION ALL
      (SELECT p.id, m.since, m.cause FROM profile p
        LEFT JOIN membership m ON m.audience = ${name} AND m.profile_id = p.id
        WHERE p.id > ${after} AND ${due} AND ${rule}
        ORDER BY p.id LIMIT ${limit})
    ) member ORDER BY id LIMIT ${limit}`;
  const rows = await q.query<{ id: string; since: number | null; cause: string | null }>(
    dynamicStatement('audience.members', text),
    parameters.values,
  );
  return rows.map(({ id, since, cause }) => ({
    profileId: id,
    since: since ?? undefined,
    cause: membershipCauses.find((known) => known === cause),
  }));
}

export async function sizeOf(
  q: Queryable,
  audiences: AudiencesSettings,
  audience: AudienceSettings,
  now: number,
): Promise<number> {
  const { parameters, due, rule } = await question(q, audiences, audience, now);
  const name = parameters.bind(audience.name, 'text');
  const text = `SELECT
      (SELECT count(*) FROM membership WHERE audience = ${name})
      - (SELECT count(*) FROM membership m JOIN profile p ON p.id = m.profile_id
          WHERE m.audience = ${name} AND ${due})
      + (SELECT count(*) FROM profile p WHERE ${due} AND ${rule}) AS size`;
  const [row] = await q.query<{ size: number }>(
    dynamicStatement('audience.size', text),
    parameters.values,
  );
  return row?.size ?? 0;
}

interface Question {
  readonly parameters: SqlParameters;
  /** Boolean SQL over `profile p`: its row of membership is not to be believed. */
  readonly due: string;
  readonly rule: string;
}

async function question(
  q: Queryable,
  audiences: AudiencesSettings,
  { name, rule }: AudienceSettings,
  now: number,
): Promise<Question> {
  const [state] = await q.query<{ definition_hash: string; computing_after: string | null }>(
    selectState,
    [name],
  );
  const current = state?.definition_hash === definitionHashes(audiences).get(name);
  const notReachedAfter = state !== undefined && current ? state.computing_after : beginning;
  const parameters = createSqlParameters();
  const lagging = `p.check_at <= ${parameters.bindTime(now)}`;
  const due =
    notReachedAfter === null
      ? `coalesce(${lagging}, false)`
      : `(p.id > ${parameters.bind(notReachedAfter, 'uuid')} OR coalesce(${lagging}, false))`;
  return { parameters, due, rule: ruleToSql(rule, { now, parameters }, audiences) };
}

export interface Preview {
  /** Profiles that meet the rule. */
  readonly size: number;
  readonly profiles: number;
}

/** How many would be in an audience of this rule: counted in slices, nothing is written. */
export async function previewRule(
  store: Store,
  audiences: AudiencesSettings,
  rule: Rule,
  now: number,
  slice: { readonly size: SliceSize; readonly clock: () => number; readonly lane: Lane },
): Promise<Preview> {
  let [size, profiles]: [number, number] = [0, 0];
  for (let after: string | null = beginning; after !== null;) {
    const started = slice.clock();
    const statement = previewStatement(rule, audiences, now, after, slice.size.current());
    const rows: PreviewRow[] = await store.query(slice.lane, ...statement);
    slice.size.took(slice.clock() - started);
    size += rows[0]?.size ?? 0;
    profiles += rows[0]?.profiles ?? 0;
    after = rows[0]?.last ?? null;
  }
  return { size, profiles };
}

interface PreviewRow {
  size: number;
  profiles: number;
  last: string | null;
}

function previewStatement(
  rule: Rule,
  audiences: AudiencesSettings,
  now: number,
  after: string,
  limit: number,
): [Statement, SqlParameters['values']] {
  const parameters = createSqlParameters();
  const meets = ruleToSql(rule, { now, parameters }, audiences);
  const text = `SELECT count(*) FILTER (WHERE ${meets}) AS size, count(*) AS profiles,
      (array_agg(p.id ORDER BY p.id DESC))[1] AS last
    FROM (SELECT * FROM profile WHERE id > ${parameters.bind(after, 'uuid')}
      ORDER BY id LIMIT ${parameters.bind(String(limit), 'int')}) p`;
  return [dynamicStatement('audience.preview', text), parameters.values];
}
