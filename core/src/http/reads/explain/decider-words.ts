// Who took a decision, when, and what takes it back.
import type { Decider } from '../../../resolve/read-deciders.ts';
import type { DecisionKind } from '../../../standardise/decision-record.ts';
import { timeWords } from './words.ts';

export function deciderWords(kind: DecisionKind, { actor, at }: Decider): string {
  return `decided by ${actor} at ${timeWords(at)}; ${undoWords(kind)}`;
}

/** What to run to take a decision back. */
export function undoWords(kind: DecisionKind): string {
  switch (kind) {
    case 'merge':
      return 'undone by `tributary identity retract`';
    case 'separate':
      return 'undone by `tributary identity lift`';
    case 'lift':
      return 'undone by `tributary identity separate`';
    case 'retract':
      return 'undone by `tributary identity merge`, which joins them by hand';
  }
}
