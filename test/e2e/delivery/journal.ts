// What the vendor's journal says about pushes: requests that put somebody on a list, change her copy or
// write to her. Looking somebody up, taking her off and erasing her are none.
import type { JournalEntry, JournalKey } from '../../fakes/sendgrid/journal.ts';

const pushes: ReadonlySet<JournalKey['action']> = new Set(['upsert', 'add', 'mail']);

export interface Push {
  readonly key: string;
  readonly action: JournalKey['action'];
  /** When the vendor read the request's head; milliseconds since 1970. */
  readonly at: number;
  readonly number: number;
}

export function pushesOf(journal: readonly JournalEntry[]): Push[] {
  return journal.flatMap(({ keys, receivedAt, number }) =>
    keys
      .filter(({ action }) => pushes.has(action))
      .map(({ key, action }) => ({ key, action, at: receivedAt, number })),
  );
}

/**
 * Pushes to somebody whose "no" had been acknowledged before. `acknowledged`: by address, when the
 * sender of the withdrawal had its answer.
 */
export function pushesAfterNo(
  journal: readonly JournalEntry[],
  acknowledged: ReadonlyMap<string, number>,
): Push[] {
  return pushesOf(journal).filter(({ key, at }) => at > (acknowledged.get(key) ?? Infinity));
}
