// Why a person is in an audience, or is not: the rule's tree with the answer at each node.
import { measureMoment } from '../profile/measure-set.ts';
import { compileAudiences, selectAudiences } from './audience-set.ts';
import type { MeasuredPerson } from './person.ts';
import { audiencesNamedBy } from './rule-references.ts';
import type { AudiencesSettings, Rule } from './rule.ts';

export interface Explanation {
  readonly rule: Rule;
  readonly meets: boolean;
  /** When time alone may next change this answer; undefined: never. */
  readonly nextChangeAt: number | undefined;
  /** Of the parts, or of the audience that is named. */
  readonly because: readonly Explanation[];
}

/** Makes of a set of measures the person to ask. */
export type PersonAt = (moment: ReturnType<typeof measureMoment>) => MeasuredPerson;

/** `references`: how many audiences deep the explanation goes; without a bound it could double at each. */
export function explainRule(
  rule: Rule,
  personAt: PersonAt,
  now: number,
  audiences: AudiencesSettings,
  references = 2,
): Explanation {
  const named = selectAudiences(audiences, audiencesNamedBy(rule));
  const set = compileAudiences([...named, { name: '', title: '', rule }], []);
  const person = personAt(measureMoment(set.measures, now));
  const { meets, nextChangeAt } = set.evaluate(person, now);
  return {
    rule,
    meets: meets.has(''),
    nextChangeAt: Number.isFinite(nextChangeAt) ? nextChangeAt : undefined,
    because: partsOf(rule, references > 0 ? audiences : []).map((part) =>
      explainRule(part, personAt, now, audiences, references - (rule.kind === 'audience' ? 1 : 0)),
    ),
  };
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
