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
const end = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

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

/**
 * How many are in an audience, counted in slices: rows that can be believed, then those that are due
 * and those that a computation has not reached, who are asked by the rule.
 */
export async function sizeOf(
  q: Queryable,
  audiences: AudiencesSettings,
  audience: AudienceSettings,
  now: number,
  pace: Pace,
): Promise<number> {
  const notReachedAfter = await loadReached(q, audiences, audience);
  const meets = (parameters: SqlParameters): string =>
    ruleToSql(audience.rule, { now, parameters }, audiences);
  const upTo = notReachedAfter ?? end;
  const count = (make: CountMaker, after: string): Promise<Counted> =>
    countSlices((statement, values) => q.query(statement, values), make, after, pace);
  const rows = await count(
    (parameters, after, limit) => `SELECT count(*) AS size, ${lastOf('m.profile_id')}
      FROM (SELECT profile_id FROM membership
        WHERE audience = ${parameters.bind(audience.name, 'text')}
          AND profile_id > ${after}::uuid AND profile_id <= ${parameters.bind(upTo, 'uuid')}
        ORDER BY profile_id LIMIT ${limit} * ${rowsPerProfile}) m`,
    beginning,
  );
  const due = await count(
    (parameters, after, limit) => `SELECT count(*) FILTER (WHERE ${meets(parameters)})
        - count(*) FILTER (WHERE EXISTS (SELECT FROM membership m WHERE m.profile_id = p.id
            AND m.audience = ${parameters.bind(audience.name, 'text')})) AS size,
        (array_agg(p.check_at || ' ' || p.id ORDER BY p.check_at DESC, p.id DESC))[1] AS last
      FROM (SELECT * FROM profile WHERE check_at <= ${parameters.bindTime(now)}
          AND check_at >= ${momentOf(after)} AND (check_at, id) > (${momentOf(after)}, ${idOf(after)})
          AND id <= ${parameters.bind(upTo, 'uuid')}
        ORDER BY check_at, id LIMIT ${limit}) p`,
    `-infinity ${beginning}`,
  );
  if (notReachedAfter === null) return rows.size + due.size;
  const others = await count((parameters, after, limit) => {
    return `SELECT count(*) FILTER (WHERE ${meets(parameters)}) AS size, ${lastOf('p.id')}
      FROM (SELECT * FROM profile WHERE id > ${after}::uuid ORDER BY id LIMIT ${limit}) p`;
  }, notReachedAfter);
  return rows.size + due.size + others.size;
}

/** Rows of an index are counted so many times faster than a rule is asked. */
const rowsPerProfile = 10;

export interface Pace {
  readonly size: SliceSize;
  readonly clock: () => number;
}

/** `after` and `limit` are parameters already, as text and as a number. */
type CountMaker = (parameters: SqlParameters, after: string, limit: string) => string;

interface Counted {
  readonly size: number;
  readonly profiles: number;
}

interface CountRow {
  size: number;
  profiles?: number;
  last: string | null;
}

/** The time and the profile in `after`, where slices go by the time to check. */
function momentOf(after: string): string {
  return `(left(${after}, -37))::timestamptz`;
}

function idOf(after: string): string {
  return `(right(${after}, 36))::uuid`;
}

function lastOf(id: string): string {
  return `(array_agg(${id} ORDER BY ${id} DESC))[1]::text AS last`;
}

/** Adds up what each slice counts, until one is empty. */
async function countSlices(
  run: (statement: Statement, values: SqlParameters['values']) => Promise<CountRow[]>,
  make: CountMaker,
  from: string,
  pace: Pace,
): Promise<Counted> {
  let [size, profiles] = [0, 0];
  for (let after: string | null = from; after !== null;) {
    const started = pace.clock();
    const parameters = createSqlParameters();
    const limit = parameters.bind(String(pace.size.current()), 'int');
    const text = make(parameters, parameters.bind(after, 'text'), limit);
    const [row]: CountRow[] = await run(
      dynamicStatement('audience.count', text),
      parameters.values,
    );
    pace.size.took(pace.clock() - started);
    size += row?.size ?? 0;
    profiles += row?.profiles ?? 0;
    after = row?.last ?? null;
  }
  return { size, profiles };
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
  audience: AudienceSettings,
  now: number,
): Promise<Question> {
  const notReachedAfter = await loadReached(q, audiences, audience);
  const parameters = createSqlParameters();
  const lagging = `p.check_at <= ${parameters.bindTime(now)}`;
  const due =
    notReachedAfter === null
      ? `coalesce(${lagging}, false)`
      : `(p.id > ${parameters.bind(notReachedAfter, 'uuid')} OR coalesce(${lagging}, false))`;
  return { parameters, due, rule: ruleToSql(audience.rule, { now, parameters }, audiences) };
}

/** The profile up to which its rows were computed; null: all of them. */
async function loadReached(
  q: Queryable,
  audiences: AudiencesSettings,
  { name }: AudienceSettings,
): Promise<string | null> {
  const [state] = await q.query<{ definition_hash: string; computing_after: string | null }>(
    selectState,
    [name],
  );
  const current = state?.definition_hash === definitionHashes(audiences).get(name);
  return state !== undefined && current ? state.computing_after : beginning;
}

export interface Preview {
  /** Profiles that meet the rule. */
  readonly size: number;
  readonly profiles: number;
}

/** How many would be in an audience of this rule: counted in slices, nothing is written. */
export function previewRule(
  store: Store,
  audiences: AudiencesSettings,
  rule: Rule,
  now: number,
  { lane, ...pace }: Pace & { readonly lane: Lane },
): Promise<Preview> {
  return countSlices(
    (statement, values) => store.query(lane, statement, values),
    (parameters, after, limit) => {
      const meets = ruleToSql(rule, { now, parameters }, audiences);
      return `SELECT count(*) FILTER (WHERE ${meets}) AS size, count(*) AS profiles, ${lastOf('p.id')}
        FROM (SELECT * FROM profile WHERE id > ${after}::uuid ORDER BY id LIMIT ${limit}) p`;
    },
    beginning,
    pace,
  );
}
