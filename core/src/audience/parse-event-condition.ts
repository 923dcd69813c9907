// Event conditions as config writes them: events, a window, and what their count, sum, last time
// and so on must be. Without any of these: at least one event.
import type { Comparison } from '../profile/comparison.ts';
import { valueKindOf } from '../profile/evaluate-aggregate.ts';
import type { Aggregate, Measure } from '../profile/measure.ts';
import { parseComparison, parseComparisonKeys } from '../profile/parse-comparison.ts';
import { aggregateKeys } from '../profile/parse-measure.ts';
import type { AggregateKey } from '../profile/parse-measure.ts';
import { asMap, checkKeys, refuse } from '../profile/parse-problem.ts';
import type { DocumentPath, Parsing, YamlMap } from '../profile/parse-problem.ts';
import { parsePath, parseSelectors, parseWindow, selectorKeys } from '../profile/parse-selector.ts';
import type { Rule } from './rule.ts';

interface Compared {
  readonly aggregate: Aggregate;
  readonly comparison: Comparison;
}

const happened: Compared = {
  aggregate: { kind: 'count' },
  comparison: { kind: 'number', atLeast: 1 },
};

export function parseEventCondition(
  parsing: Parsing,
  path: DocumentPath,
  map: YamlMap,
): Rule | undefined {
  checkKeys(parsing, path, map, [...selectorKeys, ...aggregateKeys]);
  const events = parseSelectors(parsing, path, map);
  const window = parseWindow(parsing, path, map);
  const compared = parseCompared(parsing, path, map);
  if (events === undefined || window === undefined || compared === undefined) return undefined;
  const measure: Measure = { events, window, aggregate: compared.aggregate };
  return { kind: 'measure', measure, comparison: compared.comparison };
}

function parseCompared(parsing: Parsing, path: DocumentPath, map: YamlMap): Compared | undefined {
  const [key, second] = aggregateKeys.filter((known) => Object.hasOwn(map, known));
  if (key === undefined) return happened;
  if (second !== undefined) {
    return refuse(
      parsing,
      [...path, second],
      `found "${second}" beside "${key}", expected one of them`,
      'Write two conditions, joined by `all`.',
    );
  }
  return parseAggregate(parsing, [...path, key], key, map[key]);
}

function parseAggregate(
  parsing: Parsing,
  path: DocumentPath,
  key: AggregateKey,
  value: unknown,
): Compared | undefined {
  if (key === 'count') {
    const comparison = parseComparison(parsing, path, value, 'number');
    return comparison && { aggregate: { kind: key }, comparison };
  }
  const example =
    key === 'first' || key === 'last' ? '{ olderThan: 90d }' : '{ of: price, atLeast: 10 }';
  const map = asMap(parsing, path, value, `what to compare, such as ${example}`);
  if (map === undefined) return undefined;
  const aggregate = aggregateOf(parsing, path, key, map);
  if (aggregate === undefined) return undefined;
  const comparison = parseComparisonKeys(parsing, path, map, valueKindOf(aggregate), ['of']);
  return comparison && { aggregate, comparison };
}

function aggregateOf(
  parsing: Parsing,
  path: DocumentPath,
  key: Exclude<AggregateKey, 'count'>,
  map: YamlMap,
): Aggregate | undefined {
  if ((key === 'first' || key === 'last') && !Object.hasOwn(map, 'of')) {
    return { kind: key, path: undefined };
  }
  const property = parsePath(parsing, [...path, 'of'], map['of']);
  return property && { kind: key, path: property };
}
