// Why a person is in an audience, or is not: the rule's tree with the answer at each part, and what
// was measured.
import type { JsonValue } from '@tributary/sdk';
import type { Queryable } from '../store/store.ts';
import { compileAudiences, selectAudiences } from './audience-set.ts';
import type { Evaluation } from './audience-set.ts';
import { loadPeople } from './load-people.ts';
import { audiencesNamedBy } from './rule-references.ts';
import type { AudiencesSettings, Rule } from './rule.ts';

export interface Explanation {
  readonly rule: Rule;
  readonly meets: boolean;
  /** What a measure came to; undefined: it is none, or there was nothing to measure. */
  readonly measured: JsonValue | undefined;
  /** The parts of a list or a negation, or the rule of the audience that is named. */
  readonly because: readonly Explanation[];
}

export interface RootExplanation extends Explanation {
  /** The earliest moment at which time alone may change the answer; Infinity: never. */
  readonly nextChangeAt: number;
}

/** Undefined where there is no such profile. */
export async function explainRule(
  q: Queryable,
  audiences: AudiencesSettings,
  rule: Rule,
  profileId: string,
  now: number,
): Promise<RootExplanation | undefined> {
  const nodes: Node[] = [];
  const root = addNode(nodes, rule, audiences, mostReferences);
  const asked = nodes.map(({ name, rule: part }) => ({ name, title: '', rule: part }));
  const measured = nodes.flatMap(({ name, rule: part }) =>
    part.kind === 'measure' ? [{ name, measure: part.measure }] : [],
  );
  // Other audiences would only bring the next change of others.
  const named = selectAudiences(
    audiences,
    new Set(asked.flatMap(({ rule: part }) => [...audiencesNamedBy(part)])),
  );
  const set = compileAudiences([...named, ...asked], measured);
  const [loaded] = await loadPeople(q, set, [{ id: profileId, selection: set.everything }], now);
  if (!loaded) return undefined;
  const evaluation = set.evaluate(loaded.person, now);
  return { ...explain(root, evaluation), nextChangeAt: evaluation.nextChangeAt };
}

/** How deep named audiences are gone into: without a bound a tree could double at each. */
const mostReferences = 2;

interface Node {
  /** No audience has such a name: it begins with a space. */
  readonly name: string;
  readonly rule: Rule;
  readonly parts: readonly Node[];
}

function addNode(
  nodes: Node[],
  rule: Rule,
  audiences: AudiencesSettings,
  references: number,
): Node {
  const parts = partsOf(rule, references > 0 ? audiences : []).map((part) =>
    addNode(nodes, part, audiences, rule.kind === 'audience' ? references - 1 : references),
  );
  const node = { name: ` ${nodes.length}`, rule, parts };
  nodes.push(node);
  return node;
}

function partsOf(rule: Rule, explained: AudiencesSettings): readonly Rule[] {
  switch (rule.kind) {
    case 'all':
    case 'any':
      return rule.rules;
    case 'not':
      return [rule.rule];
    case 'audience':
      return explained.filter(({ name }) => name === rule.name).map((named) => named.rule);
    case 'trait':
    case 'measure':
    case 'identifier':
      return [];
  }
}

function explain({ name, rule, parts }: Node, evaluation: Evaluation): Explanation {
  return {
    rule,
    meets: evaluation.meets.has(name),
    measured: evaluation.computed.get(name),
    because: parts.map((part) => explain(part, evaluation)),
  };
}
