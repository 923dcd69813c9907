// Rows of the log as they count by now: what is older than data of its kind is kept says less than it did,
// whether the log was gone through since or not.
import type { Rewritten } from '../intake/rewrite-log.ts';
import { ageStored, mayBeAged, type Horizons } from '../standardise/aged-record.ts';
import { decodePayload, encodeStored } from '../standardise/payload-codec.ts';
import { headerOf, type EventRow } from './event-row.ts';
import type { ResolveRoom } from './room.ts';

export interface AgedRows {
  readonly rows: readonly EventRow[];
  /** Those of which less is left than the log holds. */
  readonly rewritten: readonly Rewritten[];
}

export function ageRows(
  rows: readonly EventRow[],
  horizons: Horizons,
  { settings, keys }: Pick<ResolveRoom, 'settings' | 'keys'>,
): AgedRows {
  const rewritten: Rewritten[] = [];
  const aged = rows.map((row) => {
    if (!mayBeAged(row, horizons)) return row;
    const stored = decodePayload({ keyId: row.key_id, bytes: row.payload });
    const rest = ageStored(stored, { header: headerOf(row), settings, keys, horizons });
    if (rest === undefined) return row;
    rewritten.push({ number: row.number, stored: rest });
    const { keyId, bytes } = encodeStored(rest);
    return { ...row, key_id: keyId, payload: bytes };
  });
  return { rows: aged, rewritten };
}
