// A failpoint inside the hub's process: counts who passes, and kills on order. The kill is the kernel's:
// nothing of the process runs after it.
import { appendFileSync } from 'node:fs';
import { troubleNote } from '../count-troubles.ts';
import type { Trouble } from '../lives.ts';
import type { Orders } from '../orders.ts';

export interface Failpoints {
  /** Passes a place; does not come back from the one that is ordered to kill. */
  pass(name: string): 'cut' | 'refuse' | undefined;
  /** A trouble was made in here. */
  troubled(kind: Trouble['kind']): void;
  /** A transaction that writes and is in no row of the table. */
  unlisted(marks: ReadonlySet<string>): void;
}

export function createFailpoints(orders: Orders): Failpoints {
  const passed = new Map<string, number>();
  const strange = new Set<string>();
  const write = (line: string): void => appendFileSync(orders.log, `${line}\n`);
  const note = (kind: string, text: string): void => write(`${kind} ${text}`);
  const troubled = (kind: Trouble['kind']): void => write(troubleNote(kind));
  return {
    pass(name) {
      const count = (passed.get(name) ?? 0) + 1;
      passed.set(name, count);
      if (count === 1) note('passed', name);
      if (orders.kill?.at === name && orders.kill.nth === count) {
        note('killed', name);
        process.kill(process.pid, 'SIGKILL');
      }
      const meddled = orders.meddle?.find(({ at, nth }) => at === name && nth === count);
      if (meddled) troubled('meddled');
      return meddled?.how;
    },
    troubled,
    unlisted(marks) {
      const text = [...marks].toSorted().join(', ');
      if (strange.has(text)) return;
      strange.add(text);
      note('unlisted', text);
    },
  };
}
