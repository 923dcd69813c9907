// Reads from the log again what was said of erased identifiers after their erasure.
import type { ErasedIdentifier } from '../identity/change.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { isoTime } from '../store/store.ts';
import { readHorizons } from '../retention/horizons.ts';
import { ageRows } from './age-rows.ts';
import { selectLaterIdentifies } from './plans.ts';
import type { EventRow } from './event-row.ts';
import { standardiseRows } from './read-batch.ts';
import type { ResolveRoom } from './room.ts';

/** Resolved identifies whose subject is one of these, in the order of the log. */
export async function readLaterIdentifies(
  transaction: Transaction,
  erased: readonly ErasedIdentifier[],
  room: Pick<ResolveRoom, 'settings' | 'keys'>,
): Promise<readonly StandardRecord[]> {
  const earliest = Math.min(...erased.map(({ at }) => at));
  const rows = await transaction.query<EventRow>(selectLaterIdentifies, [
    erased.map(({ hash }) => hash),
    erased.map(({ at }) => isoTime(at)),
    isoTime(earliest),
  ]);
  const counting = ageRows(rows, await readHorizons(transaction), room).rows;
  return standardiseRows(counting, { ...room, skip: new Map() }).records;
}
