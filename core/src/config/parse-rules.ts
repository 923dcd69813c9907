// Computed traits and audience rules of a document, each through its own parser; audiences come out in
// the order in which they can be evaluated.
import { parseRule } from '../audience/parse-rule.ts';
import { audiencesNamedBy } from '../audience/rule-references.ts';
import type { AudienceSettings, AudiencesSettings } from '../audience/rule.ts';
import type { Measure } from '../profile/measure.ts';
import { parseMeasure } from '../profile/parse-measure.ts';
import { knownNamespaces } from './check-names.ts';
import { quote } from './describe-error.ts';
import type { Issue, Path } from './problem.ts';
import { each, keysAt, select } from './select.ts';
import { valueAt } from './validate.ts';

export interface ParsedRules {
  readonly computed: ReadonlyMap<string, Measure>;
  /** Without those that have a problem. */
  readonly audiences: AudiencesSettings;
  readonly issues: readonly Issue[];
}

export function parseRules(root: unknown): ParsedRules {
  const issues: Issue[] = [];
  const computed = new Map<string, Measure>();
  for (const { path, value } of select(root, ['computed', each])) {
    const answer = parseMeasure(value, path);
    if ('problems' in answer) issues.push(...answer.problems.map(toIssue));
    else computed.set(String(path[1]), answer.measure);
  }
  // A rule may name a computed trait that is itself wrong: that is said once, above.
  const named = new Set(keysAt(root, 'computed'));
  const audiences = keysAt(root, 'audiences');
  const namespaces = knownNamespaces(root);
  const parsed: AudienceSettings[] = [];
  for (const { path, value } of select(root, ['audiences', each])) {
    const rule = valueAt(value, ['rule']);
    if (rule === undefined) continue;
    const name = String(path[1]);
    const answer = parseRule(rule, { audiences, computed, namespaces, path: [...path, 'rule'] });
    if ('problems' in answer) {
      issues.push(...answer.problems.filter(isNews(named, computed, rule)).map(toIssue));
    } else {
      const title = valueAt(value, ['title']);
      parsed.push({ name, title: typeof title === 'string' ? title : name, rule: answer.rule });
    }
  }
  const ordered = orderAudiences(parsed);
  return { computed, audiences: ordered.audiences, issues: [...issues, ...ordered.issues] };
}

interface RuleProblem {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string | undefined;
}

function toIssue({ path, message, hint }: RuleProblem): Issue {
  const at = message.startsWith('found the unknown key') ? 'key' : 'value';
  return { code: 'CONFIG_RULE_INVALID', path, at, message, hint };
}

function isNews(
  named: ReadonlySet<string>,
  parsed: ReadonlyMap<string, Measure>,
  rule: unknown,
): (problem: RuleProblem) => boolean {
  return ({ path }) => {
    if (path.at(-1) !== 'computed') return true;
    const name = valueAt(rule, path.slice(3));
    return typeof name !== 'string' || !named.has(name) || parsed.has(name);
  };
}

/** Depth first: what a rule names comes before it. A circle is told once. */
function orderAudiences(parsed: readonly AudienceSettings[]): {
  audiences: AudienceSettings[];
  issues: Issue[];
} {
  const byName = new Map(parsed.map((audience) => [audience.name, audience]));
  const state = new Map<string, 'open' | 'done'>();
  const audiences: AudienceSettings[] = [];
  const issues: Issue[] = [];
  const visit = (audience: AudienceSettings, trail: readonly string[]): void => {
    const { name } = audience;
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open') {
      issues.push(circle([...trail.slice(trail.indexOf(name)), name]));
      return;
    }
    state.set(name, 'open');
    for (const other of audiencesNamedBy(audience.rule)) {
      const next = byName.get(other);
      if (next) visit(next, [...trail, name]);
    }
    state.set(name, 'done');
    audiences.push(audience);
  };
  for (const audience of parsed) visit(audience, []);
  return { audiences, issues };
}

function circle(names: readonly string[]): Issue {
  return {
    code: 'CONFIG_CYCLE',
    path: ['audiences', names[0] ?? ''],
    at: 'key',
    message: `found audiences that name each other in a circle (${names.map(quote).join(' → ')}), expected rules that end somewhere`,
    hint: 'Take one of the references out.',
  };
}
