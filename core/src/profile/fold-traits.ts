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
  const state: Record<string, Accumulator> = {};
  for (const [name, v] of Object.entries(traits)) {
    if (v === undefined) continue;
    const contribution = { v, t: from.at, h: from.messageHash, s: from.source, n: from.number };
    state[name] = accumulatorOf(contribution, traitSettingsOf(settings, name));
  }
  return state;
}

export function joinStates(
  left: TraitState,
  right: TraitState,
  settings: ProfileSettings,
): TraitState {
  const joined: Record<string, Accumulator> = { ...left };
  for (const [name, accumulator] of Object.entries(right)) {
    const known = joined[name];
    joined[name] = known
      ? joinAccumulators(known, accumulator, traitSettingsOf(settings, name))
      : accumulator;
  }
  return joined;
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
  const values: Record<string, JsonValue> = {};
  for (const [name, { value }] of readState(state, settings)) values[name] = value;
  return values;
}
