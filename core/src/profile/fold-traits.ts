// From contributions to accumulators to a profile's traits; pure.
import type { JsonObject, JsonValue } from '@tributary/sdk';
import type { StandardRecord } from '../standardise/standard-record.ts';
import {
  accumulatorOf,
  joinAccumulators,
  readAccumulator,
  type Accumulator,
  type FoldedTrait,
} from './accumulator.ts';
import type { ProfileSettings } from './settings.ts';
import { traitSettingsOf } from './trait-settings.ts';

/** Trait name → what its contributions left behind. */
export type TraitState = Readonly<Record<string, Accumulator>>;

/** What a fold needs to know of the record that set traits. */
export type TraitSource = Pick<StandardRecord, 'at' | 'messageHash' | 'source' | 'number'>;

export function stateOf(
  traits: JsonObject,
  from: TraitSource,
  settings: ProfileSettings,
): TraitState {
  const { at: t, messageHash: h, source: s, number: n } = from;
  return Object.fromEntries(
    Object.entries(traits).flatMap(([name, v]) =>
      v === undefined
        ? []
        : [[name, accumulatorOf({ v, t, h, s, n }, traitSettingsOf(settings, name))]],
    ),
  );
}

export function joinStates(
  left: TraitState,
  right: TraitState,
  settings: ProfileSettings,
): TraitState {
  // A trait may be called `constructor` or `__proto__`, which every object has.
  const joined = new Map(Object.entries(left));
  for (const [name, accumulator] of Object.entries(right)) {
    const known = joined.get(name);
    const both = known && joinAccumulators(known, accumulator, traitSettingsOf(settings, name));
    joined.set(name, both ?? accumulator);
  }
  return Object.fromEntries(joined);
}

/** The traits with the record each comes from, in the order of their names. */
export function readState(state: TraitState, settings: ProfileSettings): Map<string, FoldedTrait> {
  const traits = new Map<string, FoldedTrait>();
  for (const name of Object.keys(state).sort()) {
    const accumulator = state[name];
    const trait = accumulator && readAccumulator(accumulator, traitSettingsOf(settings, name));
    if (trait) traits.set(name, trait);
  }
  return traits;
}

/** The bare values. */
export function valuesOfState(state: TraitState, settings: ProfileSettings): JsonObject {
  const traits = [...readState(state, settings)];
  return Object.fromEntries(traits.map(([name, { value }]): [string, JsonValue] => [name, value]));
}
