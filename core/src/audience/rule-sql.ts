// A rule as a boolean SQL expression over `profile p`: the same truth as evaluate-rule.ts.
// Computed traits are measured now, never read from the row.
import { comparisonToSql, pathToSql } from '../profile/comparison-sql.ts';
import type { SqlMoment } from '../profile/comparison-sql.ts';
import { measureToSql } from '../profile/measure-sql.ts';
import { selectAudiences } from './audience-set.ts';
import { audiencesNamedBy } from './rule-references.ts';
import type { AudiencesSettings, Rule } from './rule.ts';

/** `audiences`: those that the rule may name, in dependency order. */
export function ruleToSql(
  rule: Rule,
  moment: SqlMoment,
  audiences: AudiencesSettings = [],
): string {
  const named = selectAudiences(audiences, audiencesNamedBy(rule));
  const columns = new Map<string, string>();
  const joins = named.map((audience, place) => {
    const expression = toSql(audience.rule, moment, columns);
    columns.set(audience.name, `a${place}.meets`);
    return `CROSS JOIN LATERAL (SELECT ${expression} AS meets OFFSET 0) a${place}`;
  });
  const expression = toSql(rule, moment, columns);
  if (joins.length === 0) return expression;
  // Each named audience is written once, however many rules name it.
  return `(SELECT ${expression} FROM (SELECT 1) one ${joins.join('\n')})`;
}

function toSql(rule: Rule, moment: SqlMoment, columns: ReadonlyMap<string, string>): string {
  const { parameters } = moment;
  switch (rule.kind) {
    case 'all':
    case 'any': {
      const parts = rule.rules.map((part) => toSql(part, moment, columns));
      if (parts.length === 0) return rule.kind === 'all' ? 'true' : 'false';
      return `(${parts.join(rule.kind === 'all' ? ' AND ' : ' OR ')})`;
    }
    case 'not':
      return `(NOT ${toSql(rule.rule, moment, columns)})`;
    case 'trait': {
      const sql = pathToSql('p.traits', rule.path, parameters);
      return comparisonToSql(rule.comparison, { kind: 'json', sql }, moment);
    }
    case 'measure':
      return measureToSql(rule.measure, rule.comparison, 'p.id', moment);
    case 'audience':
      return columns.get(rule.name) ?? 'false';
    case 'identifier':
      return `(${parameters.bind(rule.namespace, 'text')} IN (${heldNamespacesSql('p.id')}))`;
  }
}

/**
 * A query of the namespaces of the identifiers that a profile holds: its own, the devices that it
 * owns last, and the contact points that its subjects named.
 */
export function heldNamespacesSql(profileId: string): string {
  return `SELECT i.namespace FROM profile_subject ps JOIN identifier i ON i.id = ps.subject_id
      WHERE ps.profile_id = ${profileId} AND ps.to_at = 'infinity'
    UNION ALL
    SELECT i.namespace FROM profile_subject ps
      JOIN contact c ON c.subject_id = ps.subject_id AND c.at >= ps.from_at AND c.at < ps.to_at
      JOIN identifier i ON i.id = c.identifier_id
      WHERE ps.profile_id = ${profileId}`;
}
