// Who a person is follows from the log up to where it is resolved. Whoever asks about her has to see all
// that was taken in before: an erasure that came too early would cover less than she is.
import type { Clock } from '@tributary/sdk';
import { IntakeBusyError } from '../intake/intake.ts';
import { readHead } from '../intake/rewrite-log.ts';
import { readCursor } from '../store/cursor.ts';
import type { Queryable } from '../store/store.ts';

const lookEveryMs = 50;
const boundMs = 20_000;

/** Rejects with `IntakeBusyError` where it is not resolved in time: then nothing was done. */
export async function awaitResolved(queryable: Queryable, clock: Clock): Promise<void> {
  const head = await readHead(queryable);
  for (let waited = 0; ; waited += lookEveryMs) {
    const behind = head - (await readCursor(queryable, 'resolve'));
    if (behind <= 0) return;
    if (waited >= boundMs) throw new IntakeBusyError(behind, 0);
    await clock.sleep(lookEveryMs);
  }
}
