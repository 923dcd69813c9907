// What comes of a decision about two identifiers, in words: one person or two, who is whose then, which
// audiences change, and how it is taken back.
import type { Evidence } from '../../../identity/explain.ts';
import type { DecisionEffect } from '../../../resolve/preview-decision.ts';
import type { DecisionKind } from '../../../standardise/decision-record.ts';
import type { DecisionExplained } from '../../decisions.ts';
import type { Reason } from '../../explanations.ts';
import { undoWords } from './decider-words.ts';
import { evidenceReason, rejectionWords } from './evidence-words.ts';
import { identifierWords } from './words.ts';

export interface DecisionOutcome {
  readonly kind: DecisionKind;
  readonly effect: DecisionEffect;
  readonly isPreview: boolean;
}

export function explainDecision({ kind, effect, isPreview }: DecisionOutcome): DecisionExplained {
  const { after, audiences } = effect;
  const samePerson = after.length === 1;
  return {
    answer: answerOf(effect, isPreview),
    because: [
      ...reasonsOf(effect),
      ...after.map((person) => ({
        says: `${person.identifiers.map(identifierWords).join(', ')} are profile ${person.profileId}`,
      })),
      ...audiences.map(({ audience, entered, left }) => ({
        says: `audience ${audience}: ${entered} in, ${left} out`,
      })),
      { says: undoWords(kind) },
    ],
    samePerson,
    profiles: after.map(({ profileId }) => profileId),
    audiences,
  };
}

function answerOf({ before, after }: DecisionEffect, isPreview: boolean): string {
  const now = after.length === 1 ? 'one person' : 'two people';
  // Who was not known is nobody yet.
  const isSame = before.length > 0 && before.length === after.length;
  if (isSame) return `They ${isPreview ? 'would stay' : 'stay'} ${now}.`;
  return `They ${isPreview ? 'would be' : 'are'} ${now}.`;
}

function reasonsOf({ path, rejectedBy }: DecisionEffect): Reason[] {
  if (rejectedBy !== undefined) return [{ says: rejectionWords(rejectedBy), holds: false }];
  return path.map((evidence) =>
    isThis(evidence) ? ownReason(evidence) : evidenceReason(evidence),
  );
}

/** The decision itself: it has no place in the log when its effect is tried out. */
function isThis({ number }: Evidence): boolean {
  return number === 0;
}

function ownReason({ left, right }: Evidence): Reason {
  return {
    says: `${identifierWords(left)} is ${identifierWords(right)}: by this decision`,
    holds: true,
  };
}
