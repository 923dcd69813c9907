// Measures in SQL, taken over the facts of one profile of the surrounding statement: the same
// values as evaluate-measure.ts.
import { comparisonToSql, jsonTimeToSql, pathToSql } from './comparison-sql.ts';
import type { SqlMoment, SqlOperand } from './comparison-sql.ts';
import type { Comparison } from './comparison.ts';
import type { EventSelector, Measure } from './measure.ts';
import { windowBounds } from './measure-window.ts';

/** A boolean expression: the measure, taken now over the facts of `profileId`, meets the comparison. */
export function measureToSql(
  measure: Measure,
  comparison: Comparison,
  profileId: string,
  moment: SqlMoment,
): string {
  const { until } = windowBounds(measure.window, moment.now);
  const inside = `f.at <= ${moment.parameters.bindTime(until)}`;
  const facts = `${selectedFacts(measure, profileId, moment)} AND ${inside}`;
  if (!isEndValue(measure)) {
    const operand = aggregateToSql(measure, 'true', moment);
    // HAVING makes it one row even where the comparison reads no aggregate.
    return `(SELECT ${comparisonToSql(comparison, operand, moment)} ${facts} HAVING true)`;
  }
  const { kind, path } = measure.aggregate;
  const value = `SELECT ${pathToSql('f.properties', path, moment.parameters)} ${facts} ${endOrder(kind)} LIMIT 1`;
  // OFFSET 0 keeps the planner from writing the subquery out at each place the value is used.
  return `(SELECT ${comparisonToSql(comparison, { kind: 'json', sql: 'x.value' }, moment)}
    FROM (SELECT (${value}) AS value OFFSET 0) x)`;
}

/**
 * A subquery of one row: the parts that `measureResultFromRow` makes a result of. Column `part` is
 * JSON, so that statements can take many measures at once.
 */
export function measureResultToSql(measure: Measure, profileId: string, moment: SqlMoment): string {
  const { until } = windowBounds(measure.window, moment.now);
  const bound = moment.parameters.bindTime(until);
  const operand = aggregateToSql(measure, `f.selected AND f.at <= ${bound}`, moment);
  return `(SELECT jsonb_build_array(${partsOf(operand).join(', ')},
      ${milliseconds(`min(f.at) FILTER (WHERE f.selected AND f.at <= ${bound})`)},
      ${milliseconds(`min(f.at) FILTER (WHERE f.selected AND f.at > ${bound})`)},
      ${milliseconds('min(f.turn)')})
    FROM (SELECT f.at, f.name, f.message_hash, f.properties,
        ${selectionToSql(measure, moment)} AS selected,
        ${nextTurnToSql(measure, moment)} AS turn
      ${factsInReach(measure, profileId, moment)}) f)`;
}

/** Two JSON values: an exact number as text, a time in milliseconds, or JSON; and a count. */
function partsOf(operand: SqlOperand): readonly [string, string] {
  switch (operand.kind) {
    case 'number':
      return [`(${operand.sql})::text`, 'null'];
    case 'average':
      return [`(${operand.sum})::text`, operand.count];
    case 'time':
      return [milliseconds(operand.sql), 'null'];
    case 'json':
      return [operand.sql, 'null'];
  }
}

function milliseconds(time: string): string {
  return `(extract(epoch FROM ${time}) * 1000)::bigint`;
}

type EndValueMeasure = Measure & {
  readonly aggregate: { readonly kind: 'first' | 'last'; readonly path: readonly string[] };
};

function isEndValue(measure: Measure): measure is EndValueMeasure {
  const { aggregate } = measure;
  return (aggregate.kind === 'first' || aggregate.kind === 'last') && aggregate.path !== undefined;
}

function endOrder(end: 'first' | 'last'): string {
  const direction = end === 'last' ? 'DESC' : 'ASC';
  return `ORDER BY f.at ${direction}, f.message_hash ${direction}`;
}

/** The aggregate over rows `f`, of which only those that meet `filter` count. */
function aggregateToSql(
  { aggregate }: Measure,
  filter: string,
  { parameters }: SqlMoment,
): SqlOperand {
  const only = filter === 'true' ? '' : ` FILTER (WHERE ${filter})`;
  const value = (path: readonly string[]): string => pathToSql('f.properties', path, parameters);
  const number = (path: readonly string[]): string =>
    `(CASE WHEN jsonb_typeof(${value(path)}) = 'number' THEN ${value(path)}::numeric END)`;
  switch (aggregate.kind) {
    case 'count':
      return { kind: 'number', sql: `(count(*)${only})` };
    case 'sum':
      return { kind: 'number', sql: `coalesce(sum(${number(aggregate.path)})${only}, 0)` };
    case 'score': {
      const scores = parameters.bind(JSON.stringify(Object.fromEntries(aggregate.scores)), 'jsonb');
      return {
        kind: 'number',
        sql: `coalesce(sum((${scores} ->> f.name)::numeric)${only}, 0)`,
      };
    }
    case 'average': {
      const [sum, count] = ['sum', 'count'].map(
        (name) => `${name}(${number(aggregate.path)})${only}`,
      );
      return { kind: 'average', sum: `(${sum})`, count: `(${count})` };
    }
    case 'min':
    case 'max':
      return { kind: 'number', sql: `(${aggregate.kind}(${number(aggregate.path)})${only})` };
    case 'distinct': {
      const scalar = `(CASE WHEN jsonb_typeof(${value(aggregate.path)}) IN ('string', 'number', 'boolean') THEN ${value(aggregate.path)} END)`;
      return { kind: 'number', sql: `(count(DISTINCT ${scalar})${only})` };
    }
    case 'first':
    case 'last':
      return aggregate.path === undefined
        ? { kind: 'time', sql: `(${aggregate.kind === 'last' ? 'max' : 'min'}(f.at)${only})` }
        : {
            kind: 'json',
            sql: `(array_agg(${value(aggregate.path)} ${endOrder(aggregate.kind)})${only})[1]`,
          };
  }
}

/** Facts of the measure's types and names that have not left its window for good. */
function factsInReach(measure: Measure, profileId: string, moment: SqlMoment): string {
  return `${factsOf(profileId)} AND ${reach(measure, moment)}
    AND (${alternatives(measure.events.map((selector) => namedToSql(selector, moment)))})`;
}

/** The same, only those that meet the selectors' conditions. */
function selectedFacts(measure: Measure, profileId: string, moment: SqlMoment): string {
  return `${factsOf(profileId)} AND ${reach(measure, moment)} AND ${selectionToSql(measure, moment)}`;
}

function factsOf(profileId: string): string {
  return `FROM profile_subject ps JOIN fact f
    ON f.subject_id = ps.subject_id AND f.at >= ps.from_at AND f.at < ps.to_at
    WHERE ps.profile_id = ${profileId}`;
}

function reach({ window }: Measure, { now, parameters }: SqlMoment): string {
  return `f.at > ${parameters.bindTime(windowBounds(window, now).after)}`;
}

function selectionToSql({ events }: Measure, moment: SqlMoment): string {
  const selectors = events.map((selector) =>
    [
      namedToSql(selector, moment),
      ...selector.where.map((condition) => conditionToSql(condition, moment)),
    ].join(' AND '),
  );
  return `(${alternatives(selectors)})`;
}

type Condition = EventSelector['where'][number];

function conditionToSql({ path, comparison }: Condition, moment: SqlMoment): string {
  const sql = pathToSql('f.properties', path, moment.parameters);
  return comparisonToSql(comparison, { kind: 'json', sql }, moment);
}

function namedToSql({ type, name }: EventSelector, { parameters }: SqlMoment): string {
  const typed = `f.type = ${parameters.bind(type, 'text')}`;
  return name === undefined ? typed : `${typed} AND f.name = ${parameters.bind(name, 'text')}`;
}

function alternatives(conditions: readonly string[]): string {
  return [...new Set(conditions)].join(' OR ') || 'false';
}

/** When a property's age next turns a condition on it: the fact may then be selected or dropped. */
function nextTurnToSql({ events }: Measure, moment: SqlMoment): string {
  const turns = events.flatMap((selector) =>
    selector.where.flatMap(({ path, comparison }) => {
      if (comparison.kind !== 'age') return [];
      const time = jsonTimeToSql(
        pathToSql('f.properties', path, moment.parameters),
        moment.parameters,
      );
      return [comparison.olderThanMs, comparison.newerThanMs].flatMap((ms) =>
        ms === undefined ? [] : [turnToSql(time, ms, namedToSql(selector, moment), moment)],
      );
    }),
  );
  return turns.length === 0 ? 'null::timestamptz' : `least(${turns.join(', ')})`;
}

function turnToSql(
  time: string,
  ageMs: number,
  named: string,
  { now, parameters }: SqlMoment,
): string {
  const age = parameters.bind(`${ageMs} milliseconds`, 'interval');
  const ahead = `${time} > ${parameters.bindTime(now - ageMs)}`;
  return `CASE WHEN ${named} AND ${ahead} THEN ${time} + ${age} END`;
}
