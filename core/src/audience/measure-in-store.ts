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

/** Per profile, results by the places of the measures; only those of `slots` are taken. */
export async function measureInStore(
  q: Queryable,
  measures: readonly Measure[],
  slots: readonly number[],
  profileIds: readonly string[],
  now: number,
): Promise<Map<string, MeasureResult[]>> {
  const results = new Map<string, MeasureResult[]>(profileIds.map((id) => [id, []]));
  if (profileIds.length === 0) return results;
  for (let start = 0; start < slots.length; start += measuresAtOnce) {
    const some = slots.slice(start, start + measuresAtOnce).flatMap((slot) => {
      const measure = measures[slot];
      return measure === undefined ? [] : [{ slot, measure }];
    });
    const taken = some.map(({ measure }) => measure);
    for (const { id, rows } of await takeSome(q, taken, profileIds, now)) {
      const found = results.get(id);
      if (found === undefined) continue;
      for (const [place, { slot, measure }] of some.entries()) {
        const row = rows[place] ?? [null, null, null, null, null];
        found[slot] = measureResultFromRow(measure, row, now);
      }
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
