// Waits for what another process or a loop brings about. A wait that is in vain ends with the reason
// and with what was there instead.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Waiting {
  /** E.g. `the lists to equal the audiences`. */
  readonly what: string;
  /** Default 60,000: it is reached only by what fails, or by a machine that has much else to do. */
  readonly withinMs?: number;
  /** Between two looks. Default 50. */
  readonly everyMs?: number;
  /** What there was instead, for the error. */
  describe?(): unknown;
}

/** Looks until it is so. A look that rejects counts as no; the last such error is told. */
export async function waitUntil(
  isSo: () => boolean | Promise<boolean>,
  { what, withinMs = 60_000, everyMs = 50, describe }: Waiting,
): Promise<void> {
  const end = performance.now() + withinMs;
  let cause: unknown;
  for (;;) {
    try {
      if (await isSo()) return;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end) throw inVain(what, withinMs, describe?.(), cause);
    await sleep(everyMs);
  }
}

function inVain(what: string, withinMs: number, found: unknown, cause: unknown): Error {
  const instead = typeof found === 'string' ? found : JSON.stringify(found, null, 1);
  const words = found === undefined ? '' : ` There was instead:\n${instead.slice(-6_000)}`;
  return new Error(`waited ${withinMs} ms in vain for ${what}.${words}`, { cause });
}
