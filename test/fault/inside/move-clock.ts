// The machine's clock, moved while the hub runs: as by an operator, or by a time server that was away.
import type { Orders } from '../orders.ts';

/** @param onMoved it was; a process may end before. */
export function moveClock(
  { afterMs, offsetMs }: NonNullable<Orders['clock']>,
  onMoved: () => void,
): void {
  const now = Date.now;
  let offset = 0;
  setTimeout(() => {
    offset = offsetMs;
    onMoved();
  }, afterMs).unref();
  Date.now = () => now() + offset;
}
