// What operators decide about who is who, from the question to what came of it.
import { decisionsOf } from '../../identity/decisions.ts';
import { isIntakeBusy } from '../../intake/intake.ts';
import { awaitResolved } from '../../privacy/await-resolved.ts';
import { previewDecision, type DecisionEffect } from '../../resolve/preview-decision.ts';
import { readDeciders } from '../../resolve/read-deciders.ts';
import type { DecisionRecord } from '../../standardise/decision-record.ts';
import type {
  AskedDecision,
  DecisionAnswer,
  DecisionExplained,
  DecisionOperations,
} from '../decisions.ts';
import { defined } from './defined.ts';
import { explainDecision } from './explain/decision.ts';
import { readerOf, type Rooms } from './rooms.ts';

export function createDecisionOperations(rooms: Rooms): DecisionOperations {
  const reader = readerOf(rooms.store);
  return {
    decide: (asked, actor) => decide(rooms, asked, actor),
    async list(profileId, limit) {
      const found = await decisionsOf(reader, profileId, limit);
      const deciders = await readDeciders(
        reader,
        found.map(({ number }) => number),
      );
      return found.flatMap(({ kind, left, right, at, number, rejectedBy }) => {
        const decider = deciders.get(number);
        // Manual evidence of a source that config trusts so far is nobody's decision.
        if (decider === undefined) return [];
        const upTo = kind === 'retract' ? at : undefined;
        return [{ kind, left, right, upTo, ...decider, record: number, rejectedBy }];
      });
    },
  };
}

async function decide(rooms: Rooms, asked: AskedDecision, actor: string): Promise<DecisionAnswer> {
  const { store, room, intake, clock } = rooms;
  const record: DecisionRecord = {
    type: 'decision',
    decision: asked.kind,
    messageId: `decision-${asked.id ?? crypto.randomUUID()}`,
    identifiers: [asked.left, asked.right],
    ...defined({ upTo: asked.upTo }),
    actor,
  };
  const reader = readerOf(store);
  await awaitResolved(reader, clock);
  const preview = await previewDecision(record, { store, room });
  if (preview.kind === 'refused') return { kind: 'refused', message: preview.problem.message };
  const { effect } = preview;
  if (preview.unknown && !asked.evenUnknown) return { kind: 'unknown' };
  const { kind } = asked;
  const explained = explainDecision({ kind, effect, isPreview: asked.preview });
  if (asked.preview) return { kind: 'previewed', ...explained };
  const receipt = await intake.decide(record, room.now());
  if (receipt.kind === 'refused') return { kind: 'refused', message: receipt.problem.message };
  if (receipt.kind === 'kept_out') return { kind: 'erased' };
  await awaitResolved(reader, clock).catch(passBusy);
  if (receipt.kind === 'accepted') {
    return { kind: 'decided', ...explained, record: receipt.number };
  }
  return { kind: 'decided', ...decidedBefore(effect), record: undefined };
}

/** Whatever it asked for, nothing has come of it now. */
function decidedBefore({ before }: DecisionEffect): DecisionExplained {
  return {
    answer: 'A decision of this id was taken before; nothing has changed.',
    because: [],
    samePerson: before.length === 1,
    profiles: before,
    audiences: [],
  };
}

/** It is decided all the same, and counts as soon as it is resolved. */
function passBusy(error: unknown): void {
  if (!isIntakeBusy(error)) throw error;
}
