// One observation in words: who is who by it, who said so, and what keeps it from counting.
import type { Evidence } from '../../../identity/explain.ts';
import type { Decider } from '../../../resolve/read-deciders.ts';
import type { Reason } from '../../explanations.ts';
import { deciderWords } from './decider-words.ts';
import { identifierWords, saidWords } from './words.ts';

/** @param decider where an operator decided it. */
export function evidenceReason(evidence: Evidence, decider?: Decider): Reason {
  const { left, right, trust, probability, rejectedBy, kind } = evidence;
  const sure = trust === 'inferred' ? ` (${Math.round(probability * 100)} %)` : '';
  const verb = kind === 'login' ? 'was used by' : 'is';
  const because = [
    ...(decider === undefined ? [] : [{ says: deciderWords('merge', decider) }]),
    ...(rejectedBy === undefined ? [] : [{ says: rejectionWords(rejectedBy) }]),
  ];
  return {
    says: `${identifierWords(left)} ${verb} ${identifierWords(right)}: ${trust}${sure}, ${saidWords(evidence)}`,
    holds: rejectedBy === undefined,
    ...(because.length > 0 && { because }),
  };
}

export function rejectionWords(rejectedBy: string): string {
  const [word, namespace] = rejectedBy.split(':');
  switch (word) {
    case 'limit':
      return `rejected: a person has at most so many ${String(namespace)} as config says, and stronger evidence fills them`;
    case 'never_same':
      return 'rejected: an operator said that they are never the same';
    case 'fan_out':
      return 'rejected: the identifier names more others than config believes';
    case 'device':
      return 'rejected: devices join nobody; this one was used by several people';
    default:
      return `rejected: ${rejectedBy}`;
  }
}
