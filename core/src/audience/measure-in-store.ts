// Measures of profiles whose events are too many to be loaded: the database takes them, some at a
// time so that no statement grows with the config.
import { measureResultFromRow } from '../profile/measure-result.ts';
import type { MeasureRow } from '../profile/measure-result.ts';
import { measureResultToSql } from '../profile/measure-sql.ts';
import type { MeasureResult } from '../profile/measure-value.ts';
import type { Measure } from '../profile/measure.ts';
import { createSqlParameters } from '../profile/parameters-sql.ts';
import { dynamicStatement } from '../store/store.ts';
import type { Queryable } from '../store/store.ts';

const measuresAtOnce = 16;

/** Per profile, the results in the order of the measures. */
export async function measureInStore(
  q: Queryable,
  measures: readonly Measure[],
  profileIds: readonly string[],
  now: number,
): Promise<Map<string, MeasureResult[]>> {
  const results = new Map<string, MeasureResult[]>(profileIds.map((id) => [id, []]));
  if (profileIds.length === 0) return results;
  for (let start = 0; start < measures.length; start += measuresAtOnce) {
    const some = measures.slice(start, start + measuresAtOnce);
    for (const { id, rows } of await takeSome(q, some, profileIds, now)) {
      const taken = some.map((measure, place) =>
        measureResultFromRow(measure, rows[place] ?? [null, null, null, null, null], now),
      );
      results.get(id)?.push(...taken);
    }
  }
  return results;
}

interface TakenRow {
  id: string;
  rows: MeasureRow[];
}

async function takeSome(
  q: Queryable,
  measures: readonly Measure[],
  profileIds: readonly string[],
  now: number,
): Promise<TakenRow[]> {
  const parameters = createSqlParameters();
  const ids = parameters.bind(profileIds, 'uuid[]');
  const columns = measures.map((measure) =>
    measureResultToSql(measure, 'wanted.id', { now, parameters }),
  );
  const text = `SELECT wanted.id, jsonb_build_array(${columns.join(',\n')}) AS rows
    FROM unnest(${ids}) AS wanted(id)`;
  return q.query<TakenRow>(dynamicStatement('audience.measure', text), parameters.values);
}
