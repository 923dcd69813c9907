// The machine's clock, moved while the hub runs: as by an operator, or by a time server that was away.
import type { Orders } from '../orders.ts';

export function moveClock({ afterMs, offsetMs }: NonNullable<Orders['clock']>): void {
  const now = Date.now;
  let offset = 0;
  setTimeout(() => (offset = offsetMs), afterMs).unref();
  Date.now = () => now() + offset;
}
