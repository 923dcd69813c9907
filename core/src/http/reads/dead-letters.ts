// Dead letters of all destinations.
import { listDeadLetters, type DeadLetter } from '../../delivery/dead-letters.ts';
import type { DeadLetterOperations, DeadLetterView } from '../operator-reads.ts';
import { defined } from './defined.ts';
import { selectDeadLetterWhose } from './plans.ts';
import { readerOf, type Rooms } from './rooms.ts';

export function createDeadLetterOperations({ delivery, store }: Rooms): DeadLetterOperations {
  const reader = readerOf(store);
  return {
    async list(instance, filter, page) {
      const letters = await listDeadLetters(reader, instance, defined(filter), page);
      return letters.map(viewOf);
    },
    async show(id) {
      const [letter] = await listDeadLetters(reader, undefined, { ids: [id] });
      if (!letter) return undefined;
      const [whose] = await reader.query<{ profile_id: string | null }>(selectDeadLetterWhose, [
        id,
      ]);
      return {
        ...viewOf(letter),
        record: letter.number ?? undefined,
        action: letter.actionId ?? undefined,
        profileId: whose?.profile_id ?? undefined,
      };
    },
    replay: (instance, filter, by, progress) =>
      delivery.replay(instance, defined(filter), by, progress),
    drop: (instance, filter, reason, by, progress) =>
      delivery.drop(instance, defined(filter), reason, by, progress),
  };
}

function viewOf(letter: DeadLetter): DeadLetterView {
  const { id, instance, stage, kind, list, code, message, at, state } = letter;
  return {
    id,
    instance,
    stage,
    kind,
    list: list ?? undefined,
    code,
    message,
    at,
    state,
    settledAt: letter.settledAt ?? undefined,
    settledReason: letter.settledReason ?? undefined,
  };
}
