// Rules as config writes them. Every problem of a rule is told, each with its place in the document.
import type { Comparison } from '../profile/comparison.ts';
import { valueKindOf } from '../profile/evaluate-aggregate.ts';
import type { Measure } from '../profile/measure.ts';
import { parseComparisonKeys } from '../profile/parse-comparison.ts';
import {
  asMap,
  asText,
  checkKeys,
  didYouMean,
  quote,
  refuse,
  refuseName,
  refuseValue,
} from '../profile/parse-problem.ts';
import type { DocumentPath, ParseProblem, Parsing, YamlMap } from '../profile/parse-problem.ts';
import { eventKeys, parsePath } from '../profile/parse-selector.ts';
import { parseEventCondition } from './parse-event-condition.ts';
import type { Rule } from './rule.ts';

export interface RuleContext {
  /** Names of all audiences of the document. */
  readonly audiences: Iterable<string>;
  readonly computed: ReadonlyMap<string, Measure>;
  /** Undefined: any namespace is taken. */
  readonly namespaces?: Iterable<string>;
  /** Where the rule stands in the document. */
  readonly path: DocumentPath;
}

export type ParsedRule = { readonly rule: Rule } | { readonly problems: readonly ParseProblem[] };

/** Deeper or longer rules are a mistake, or an attack. */
const deepest = 20;
const mostConditions = 1_000;

export function parseRule(value: unknown, context: RuleContext): ParsedRule {
  const reading: Reading = { problems: [], context, conditions: 0 };
  const rule = readRule(reading, context.path, value, 0);
  return rule === undefined || reading.problems.length > 0
    ? { problems: reading.problems }
    : { rule };
}

interface Reading extends Parsing {
  readonly context: RuleContext;
  conditions: number;
}

type Kind = 'all' | 'any' | 'not' | 'trait' | 'computed' | 'audience' | 'has' | 'event';

const kinds: Readonly<Record<string, Kind>> = {
  all: 'all',
  any: 'any',
  not: 'not',
  event: 'event',
  page: 'event',
  screen: 'event',
  trait: 'trait',
  computed: 'computed',
  audience: 'audience',
  has: 'has',
};

function readRule(
  reading: Reading,
  path: DocumentPath,
  value: unknown,
  depth: number,
): Rule | undefined {
  reading.conditions += 1;
  if (depth > deepest || reading.conditions > mostConditions)
    return refuseSize(reading, path, depth);
  const map = asMap(reading, path, value, 'a condition, such as { trait: country, is: DE }');
  if (map === undefined) return undefined;
  const keys = Object.keys(map).filter((key) => Object.hasOwn(kinds, key));
  const [key, second] = keys;
  if (key === undefined) return refuseNoKind(reading, path, map);
  if (second !== undefined && !(isEventKey(key) && isEventKey(second))) {
    return refuse(
      reading,
      [...path, second],
      `found ${quote(second)} beside ${quote(key)}, expected one of them`,
      'Write two conditions, joined by `all` or `any`.',
    );
  }
  return readKind(reading, path, map, key, depth);
}

function readKind(
  reading: Reading,
  path: DocumentPath,
  map: YamlMap,
  key: string,
  depth: number,
): Rule | undefined {
  const kind = kinds[key];
  switch (kind) {
    case undefined:
      return undefined;
    case 'all':
    case 'any':
      checkKeys(reading, path, map, [kind]);
      return readList(reading, [...path, kind], map[kind], kind, depth);
    case 'not': {
      checkKeys(reading, path, map, [kind]);
      const rule = readRule(reading, [...path, kind], map[kind], depth + 1);
      return rule && { kind, rule };
    }
    case 'event':
      return parseEventCondition(reading, path, map);
    case 'trait':
      return readTrait(reading, path, map);
    case 'computed':
      return readComputed(reading, path, map);
    case 'audience':
      return readAudience(reading, path, map);
    case 'has':
      return readIdentifier(reading, path, map);
  }
}

function isEventKey(key: string): boolean {
  return eventKeys.some((known) => known === key);
}

function refuseSize(reading: Reading, path: DocumentPath, depth: number): undefined {
  const once = reading.conditions !== mostConditions + 1 && depth <= deepest;
  if (once) return undefined;
  const found = depth > deepest ? `over ${deepest} levels` : `over ${mostConditions} conditions`;
  return refuse(
    reading,
    path,
    `found a rule of ${found}, expected a smaller one`,
    'Make an audience of a part of it and name that.',
  );
}

function refuseNoKind(reading: Reading, path: DocumentPath, map: YamlMap): undefined {
  const known = Object.keys(kinds);
  const [first] = Object.keys(map);
  if (first === undefined) {
    return refuse(reading, path, `found an empty map, expected one of ${known.join(', ')}`);
  }
  const hints = Object.keys(map).flatMap((key) => didYouMean(key, known) ?? []);
  return refuse(
    reading,
    [...path, first],
    `found the key ${quote(first)}, expected one of ${known.join(', ')}`,
    hints[0],
  );
}

function readList(
  reading: Reading,
  path: DocumentPath,
  value: unknown,
  kind: 'all' | 'any',
  depth: number,
): Rule | undefined {
  if (!Array.isArray(value) || value.length === 0) {
    const empty = Array.isArray(value) ? [] : value;
    return Array.isArray(empty)
      ? refuse(reading, path, 'found an empty list, expected a list of conditions')
      : refuseValue(reading, path, value, 'a list of conditions');
  }
  const rules: Rule[] = [];
  for (const [place, item] of value.entries()) {
    const rule = readRule(reading, [...path, place], item, depth + 1);
    if (rule !== undefined) rules.push(rule);
    if (reading.conditions > mostConditions) break;
  }
  return rules.length === value.length ? { kind, rules } : undefined;
}

function readTrait(reading: Reading, path: DocumentPath, map: YamlMap): Rule | undefined {
  const expected = 'the name of a trait, with dots to go down';
  const trait = parsePath(reading, [...path, 'trait'], map['trait'], expected);
  const comparison = parseComparisonKeys(reading, path, map, 'json', ['trait']);
  return trait && comparison && { kind: 'trait', path: trait, comparison };
}

function readComputed(reading: Reading, path: DocumentPath, map: YamlMap): Rule | undefined {
  const { computed } = reading.context;
  const name = asText(
    reading,
    [...path, 'computed'],
    map['computed'],
    'the name of a computed trait',
  );
  if (name === undefined) return undefined;
  const measure = computed.get(name);
  if (measure === undefined) {
    return refuseName(reading, [...path, 'computed'], name, 'a computed trait', computed.keys());
  }
  const kind = valueKindOf(measure.aggregate);
  const comparison: Comparison | undefined = parseComparisonKeys(reading, path, map, kind, [
    'computed',
  ]);
  return comparison && { kind: 'measure', measure, comparison };
}

function readAudience(reading: Reading, path: DocumentPath, map: YamlMap): Rule | undefined {
  checkKeys(reading, path, map, ['audience']);
  const known = [...reading.context.audiences];
  const place = [...path, 'audience'];
  const name = asText(reading, place, map['audience'], 'the name of an audience');
  if (name === undefined) return undefined;
  return known.includes(name)
    ? { kind: 'audience', name }
    : refuseName(reading, place, name, 'an audience', known);
}

function readIdentifier(reading: Reading, path: DocumentPath, map: YamlMap): Rule | undefined {
  checkKeys(reading, path, map, ['has']);
  const place = [...path, 'has'];
  const namespace = asText(reading, place, map['has'], 'a namespace of identifiers, such as email');
  if (namespace === undefined) return undefined;
  const known = reading.context.namespaces;
  if (known !== undefined && ![...known].includes(namespace)) {
    return refuseName(reading, place, namespace, 'a namespace', known);
  }
  return { kind: 'identifier', namespace };
}
