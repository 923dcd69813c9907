// A rule for one person at one moment, in JavaScript. rule-sql.ts says the same in SQL.
import { bucketEvents, measureMoment, takeMeasure } from '../profile/measure-set.ts';
import type { EventBuckets, MeasureMoment } from '../profile/measure-set.ts';
import type { MeasureResult } from '../profile/measure-value.ts';
import { compileAudiences, selectAudiences } from './audience-set.ts';
import type { MeasuredPerson, RuleInput } from './person.ts';
import { audiencesNamedBy } from './rule-references.ts';
import type { AudiencesSettings, Rule } from './rule.ts';

export interface RuleAnswer {
  readonly meets: boolean;
  /** The earliest later moment at which time alone may change the answer; Infinity: never. */
  readonly nextChangeAt: number;
}

/** `audiences`: those that the rule may name, in dependency order. */
export function evaluateRule(
  rule: Rule,
  input: RuleInput,
  now: number,
  audiences: AudiencesSettings = [],
): RuleAnswer {
  const name = '';
  const named = selectAudiences(audiences, audiencesNamedBy(rule));
  const set = compileAudiences([...named, { name, title: '', rule }], []);
  const moment = measureMoment(set.measures, now);
  const person = measuredPerson(moment, input, bucketEvents(set.measures, input.events));
  const { meets, nextChangeAt } = set.evaluate(person, now);
  return { meets: meets.has(name), nextChangeAt };
}

type Holder = Pick<RuleInput, 'traits' | 'namespaces'>;

/** Takes each measure when it is first asked for, and remembers it. */
export function measuredPerson(
  moment: MeasureMoment,
  holder: Holder,
  events: EventBuckets,
): MeasuredPerson {
  const results: (MeasureResult | undefined)[] = [];
  return {
    traits: holder.traits,
    namespaces: holder.namespaces,
    measure: (slot) => (results[slot] ??= takeMeasure(moment, slot, events) ?? nothing),
  };
}

/** The same, with measures that were taken elsewhere. */
export function personWithResults(
  holder: Holder,
  results: readonly MeasureResult[],
): MeasuredPerson {
  return { ...holder, measure: (slot) => results[slot] ?? nothing };
}

const nothing: MeasureResult = { value: undefined, nextChangeAt: Number.POSITIVE_INFINITY };
