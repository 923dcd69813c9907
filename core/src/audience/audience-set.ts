// All audiences and computed traits of a config, compiled together. Audiences are evaluated in
// dependency order, so that a rule that names another audience reads its fresh answer.
import type { JsonValue } from '@tributary/sdk';
import { computedTraitValue } from '../profile/measure-result.ts';
import { createMeasureSetBuilder } from '../profile/measure-set.ts';
import type { MeasureSet } from '../profile/measure-set.ts';
import type { ComputedTrait } from '../profile/settings.ts';
import { createSelector, selectEverything } from './affected.ts';
import type { Part, Parts, Selection, Touch } from './affected.ts';
import { compileRule } from './compile-rule.ts';
import type { Condition, Frame } from './compile-rule.ts';
import type { MeasuredPerson } from './person.ts';
import { audiencesNamedBy, referencesOf } from './rule-references.ts';
import type { AudienceSettings, AudiencesSettings } from './rule.ts';

export interface AudienceSet {
  readonly audiences: AudiencesSettings;
  readonly computed: readonly ComputedTrait[];
  readonly measures: MeasureSet;
  /** True when some rule asks for identifiers. */
  readonly readsIdentifiers: boolean;
  readonly everything: Selection;
  /** What has to be evaluated after records that said so much. */
  readonly select: (touch: Touch) => Selection;
  readonly evaluate: (person: MeasuredPerson, now: number, selection?: Selection) => Evaluation;
}

export interface Evaluation {
  /** Names of the audiences whose rule the person meets. */
  readonly meets: ReadonlySet<string>;
  /** Computed traits that were selected; undefined: there is no value. */
  readonly computed: ReadonlyMap<string, JsonValue | undefined>;
  /** The earliest later moment at which time alone may change any of this; Infinity: never. */
  readonly nextChangeAt: number;
}

export function compileAudiences(
  audiences: AudiencesSettings,
  computed: readonly ComputedTrait[],
): AudienceSet {
  const measures = createMeasureSetBuilder();
  const places = new Map<string, number>();
  const compiled = audiences.map(({ name, rule }, place) => {
    const slots: number[] = [];
    const add: typeof measures.add = (measure) => {
      const slot = measures.add(measure);
      slots.push(slot);
      return slot;
    };
    const placeOf = (other: string): number | undefined => places.get(other);
    const condition = compileRule(rule, { measures: { ...measures, add }, placeOf });
    const names = [...audiencesNamedBy(rule)].flatMap((other) => places.get(other) ?? []);
    places.set(name, place);
    return { name, condition, part: { ...referencesOf(rule), slots, names } };
  });
  const traits = computed.map(({ name, measure }) => {
    const slot = measures.add(measure);
    return { name, slot, part: { ...readsEvents(measure.events), slots: [slot] } };
  });
  const parts: Parts = {
    audiences: compiled.map(({ part }) => part),
    computed: traits.map(({ part }) => part),
  };
  const everything = selectEverything(parts);
  return {
    audiences,
    computed,
    measures: measures.build(),
    readsIdentifiers: parts.audiences.some(({ identifiers }) => identifiers),
    everything,
    select: createSelector(parts),
    evaluate: (person, now, selection = everything) =>
      evaluate(compiled, traits, selection, person, now),
  };
}

function readsEvents(events: Part['events']): Omit<Part, 'slots'> {
  return { events, traits: [], identifiers: false, names: [] };
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

interface Compiled {
  readonly name: string;
  readonly condition: Condition;
}

interface ComputedSlot {
  readonly name: string;
  readonly slot: number;
}

function evaluate(
  audiences: readonly Compiled[],
  traits: readonly ComputedSlot[],
  selection: Selection,
  person: MeasuredPerson,
  now: number,
): Evaluation {
  const frame: Frame = { person, now, nextChangeAt: Infinity, meets: [], nextChanges: [] };
  const meets = new Set<string>();
  let next = Number.POSITIVE_INFINITY;
  for (const place of selection.places) {
    const audience = audiences[place];
    if (audience === undefined) continue;
    const met = audience.condition(frame);
    frame.meets[place] = met;
    frame.nextChanges[place] = frame.nextChangeAt;
    if (frame.nextChangeAt < next) next = frame.nextChangeAt;
    if (met) meets.add(audience.name);
  }
  const computed = new Map<string, JsonValue | undefined>();
  for (const place of selection.computed) {
    const trait = traits[place];
    if (trait === undefined) continue;
    const { value, nextChangeAt } = person.measure(trait.slot);
    if (nextChangeAt < next) next = nextChangeAt;
    computed.set(trait.name, computedTraitValue(value));
  }
  return { meets, computed, nextChangeAt: next };
}
