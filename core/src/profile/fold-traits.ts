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
import { isAlwaysKept, traitSettingsOf } from './trait-settings.ts';

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

/**
 * Of traits that config neither declares nor goes by so many names are kept of one subject, and of one profile:
 * those that come first in the order of their characters, whichever were said first. A deletion takes its name's
 * place, or a name that was left out would come back without being said again.
 */
export const mostUndeclared = 1_000;

/** A fold under way, changed in place: what n records say costs n and not its square. */
export interface TraitFold {
  join(state: TraitState): void;
  /** As it is now. */
  state(): TraitState;
  /** How many statements were left out because their person has as many names of traits as are kept. */
  leftOut(): number;
}

export function createTraitFold(settings: ProfileSettings): TraitFold {
  // A trait may be called `constructor` or `__proto__`, which every object has.
  const accumulators = new Map<string, Accumulator>();
  let undeclared = 0;
  let leftOut = 0;

  function leaveOut(): void {
    if (undeclared <= mostUndeclared) return;
    const names = [...accumulators.keys()].filter((name) => !isAlwaysKept(settings, name)).sort();
    for (const name of names.slice(mostUndeclared)) accumulators.delete(name);
    leftOut += undeclared - mostUndeclared;
    undeclared = mostUndeclared;
  }

  return {
    join(state) {
      for (const [name, accumulator] of Object.entries(state)) {
        const known = accumulators.get(name);
        const both = known && joinAccumulators(known, accumulator, traitSettingsOf(settings, name));
        accumulators.set(name, both ?? accumulator);
        if (known === undefined && !isAlwaysKept(settings, name)) undeclared += 1;
      }
      // Seldom, for each time sorts them.
      if (undeclared > 2 * mostUndeclared) leaveOut();
    },
    state() {
      leaveOut();
      return Object.fromEntries(accumulators);
    },
    leftOut() {
      leaveOut();
      return leftOut;
    },
  };
}

/** True where names may have been left out: which, only the log knows. */
export function isFull(state: TraitState, settings: ProfileSettings): boolean {
  const names = Object.keys(state).filter((name) => !isAlwaysKept(settings, name));
  return names.length >= mostUndeclared;
}

/** Folds of several, each made when it is first asked for. */
export function createTraitFolds<Key>(settings: ProfileSettings): {
  of(key: Key): TraitFold;
  states(): Map<Key, TraitState>;
  /** Of all together. */
  leftOut(): number;
} {
  const folds = new Map<Key, TraitFold>();
  return {
    of(key) {
      const fold = folds.get(key) ?? createTraitFold(settings);
      folds.set(key, fold);
      return fold;
    },
    states: () => new Map([...folds].map(([key, fold]) => [key, fold.state()])),
    leftOut: () => [...folds.values()].reduce((sum, fold) => sum + fold.leftOut(), 0),
  };
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
