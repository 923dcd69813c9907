// All audiences and computed traits of a config, compiled together. Audiences are evaluated in
// dependency order, so that a rule that names another audience reads its fresh answer.
import type { JsonValue } from '@tributary/sdk';
import { computedTraitValue } from '../profile/measure-result.ts';
import { createMeasureSetBuilder } from '../profile/measure-set.ts';
import type { MeasureSet } from '../profile/measure-set.ts';
import type { ComputedTrait } from '../profile/settings.ts';
import { compileRule } from './compile-rule.ts';
import type { Condition, Frame } from './compile-rule.ts';
import type { MeasuredPerson } from './person.ts';
import { audiencesNamedBy } from './rule-references.ts';
import type { AudienceSettings, AudiencesSettings, Rule } from './rule.ts';

export interface AudienceSet {
  readonly audiences: AudiencesSettings;
  readonly computed: readonly ComputedTrait[];
  readonly measures: MeasureSet;
  /** True when some rule asks for identifiers. */
  readonly readsIdentifiers: boolean;
  readonly evaluate: (person: MeasuredPerson, now: number) => Evaluation;
}

export interface Evaluation {
  /** Names of the audiences whose rule the person meets. */
  readonly meets: ReadonlySet<string>;
  readonly computed: Readonly<Record<string, JsonValue>>;
  /** The earliest later moment at which time alone may change any of this; Infinity: never. */
  readonly nextChangeAt: number;
}

export function compileAudiences(
  audiences: AudiencesSettings,
  computed: readonly ComputedTrait[],
): AudienceSet {
  const measures = createMeasureSetBuilder();
  const places = new Map<string, number>();
  const conditions = audiences.map(({ name, rule }, place) => {
    const condition = compileRule(rule, { measures, placeOf: (other) => places.get(other) });
    places.set(name, place);
    return condition;
  });
  const slots = computed.map(({ name, measure }) => ({ name, slot: measures.add(measure) }));
  return {
    audiences,
    computed,
    measures: measures.build(),
    readsIdentifiers: audiences.some(({ rule }) => asksForIdentifiers(rule)),
    evaluate: (person, now) => evaluate(audiences, conditions, slots, person, now),
  };
}

/** Only these audiences and those that their rules name. */
export function selectAudiences(
  audiences: AudiencesSettings,
  names: ReadonlySet<string>,
): AudiencesSettings {
  const wanted = new Set(names);
  const selected: AudienceSettings[] = [];
  for (const audience of [...audiences].reverse()) {
    if (!wanted.has(audience.name)) continue;
    selected.push(audience);
    for (const name of audiencesNamedBy(audience.rule)) wanted.add(name);
  }
  return selected.reverse();
}

interface ComputedSlot {
  readonly name: string;
  readonly slot: number;
}

function evaluate(
  audiences: AudiencesSettings,
  conditions: readonly Condition[],
  slots: readonly ComputedSlot[],
  person: MeasuredPerson,
  now: number,
): Evaluation {
  const frame: Frame = { person, now, nextChangeAt: Infinity, meets: [], nextChanges: [] };
  const meets = new Set<string>();
  let next = Number.POSITIVE_INFINITY;
  for (const [place, condition] of conditions.entries()) {
    const met = condition(frame);
    frame.meets.push(met);
    frame.nextChanges.push(frame.nextChangeAt);
    if (frame.nextChangeAt < next) next = frame.nextChangeAt;
    const name = audiences[place]?.name;
    if (met && name !== undefined) meets.add(name);
  }
  const computed: Record<string, JsonValue> = {};
  for (const { name, slot } of slots) {
    const { value, nextChangeAt } = person.measure(slot);
    if (nextChangeAt < next) next = nextChangeAt;
    const shown = computedTraitValue(value);
    if (shown !== undefined) computed[name] = shown;
  }
  return { meets, computed, nextChangeAt: next };
}

function asksForIdentifiers(rule: Rule): boolean {
  switch (rule.kind) {
    case 'all':
    case 'any':
      return rule.rules.some(asksForIdentifiers);
    case 'not':
      return asksForIdentifiers(rule.rule);
    case 'identifier':
      return true;
    case 'trait':
    case 'measure':
    case 'audience':
      return false;
  }
}
