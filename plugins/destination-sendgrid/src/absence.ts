// When somebody is not on a list, or no contact at all, is that for good? Not while SendGrid may still be carrying out
// an addition that nobody can ask about: one whose answer was lost, or one of a process before this.
// Then she is looked for once more after `absenceGraceMs`.
import { isPluginError } from '@tributary/sdk';
import type { Outcome } from '@tributary/sdk';
import { addingKey, type SendgridCall } from './connection.ts';
import { writeJob } from './jobs.ts';

/** Runs an addition, and remembers whom it may have put on the list without saying so. */
export async function noteLostAnswer<Result>(
  { connection }: SendgridCall,
  listId: string,
  emails: readonly string[],
  add: () => Promise<Result>,
): Promise<Result> {
  try {
    return await add();
  } catch (error) {
    if (isPluginError(error) && error.kind === 'unknown') {
      for (const email of emails) connection.inDoubt.set(addingKey(listId, email), true);
    }
    throw error;
  }
}

/** By which additions somebody may come onto a list; where it is empty, be a contact at all. */
export function listsBehind({ connection }: SendgridCall, listId: string): readonly string[] {
  return listId === '' ? [...connection.lists] : [listId];
}

export function mayStillAppear(call: SendgridCall, listId: string, email: string): boolean {
  const { connection, clock, settings } = call;
  if (clock.now() - connection.openedAt < settings.absenceGraceMs) return true;
  return listsBehind(call, listId).some(
    (list) => connection.inDoubt.get(addingKey(list, email)) === true,
  );
}

export function believeAbsence(call: SendgridCall, listId: string, email: string): void {
  for (const list of listsBehind(call, listId)) {
    call.connection.inDoubt.delete(addingKey(list, email));
  }
}

/** She is not there: looked at once more, or, where config sets no time for it, believed. */
export function lookOnceMore({ clock, settings }: SendgridCall, listId: string): Outcome {
  if (settings.absenceGraceMs === 0) return { kind: 'delivered' };
  const job = writeJob({ kind: 'absent', listId, id: '', startedAt: clock.now() });
  return { kind: 'accepted', job, pollAfterMs: settings.absenceGraceMs };
}
