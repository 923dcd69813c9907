// Cuts what was claimed into calls within a destination's limits. What keeps failing travels in
// ever smaller company, so that one bad record cannot use up the attempts of its neighbours.
import type { JsonObject } from '@tributary/sdk';

export interface Weighed {
  readonly attempts: number;
  /** What of it goes over the wire, by the hub's own measure. */
  readonly payload: JsonObject;
}

export interface BatchLimits {
  readonly batchRecords: number;
  readonly batchBytes: number;
}

/** So many failures in company before the company shrinks. */
const patience = 3;

export function cutBatches<Item extends Weighed>(
  items: readonly Item[],
  limits: BatchLimits,
): Item[][] {
  const batches: Item[][] = [];
  let batch: Item[] = [];
  let bytes = 0;
  let room = 0;
  for (const item of items.toSorted((a, b) => a.attempts - b.attempts)) {
    const size = Buffer.byteLength(JSON.stringify(item.payload));
    room = Math.min(room, company(item.attempts, limits.batchRecords));
    if (batch.length === 0 || batch.length >= room || bytes + size > limits.batchBytes) {
      batch = [];
      batches.push(batch);
      bytes = 0;
      room = company(item.attempts, limits.batchRecords);
    }
    batch.push(item);
    bytes += size;
  }
  return batches;
}

function company(attempts: number, most: number): number {
  if (attempts < patience) return Math.max(1, most);
  return Math.max(1, Math.floor(most / 4 ** Math.min(attempts - patience + 1, 15)));
}
