// A row of the event log as it is read.
import type { EventHeader } from '../standardise/standardise.ts';

export interface EventRow {
  number: number;
  source: string;
  message_hash: string;
  received_at: number;
  at: number;
  historical: boolean;
  key_id: number;
  payload: Uint8Array;
}

/** By itself, or because the store came from a backup: what it causes was caused before. */
export function isHistorical(row: EventRow, historicalBefore = 0): boolean {
  return row.historical || row.received_at < historicalBefore;
}

export function headerOf(row: EventRow): EventHeader {
  return {
    number: row.number,
    source: row.source,
    messageHash: row.message_hash,
    receivedAt: row.received_at,
    at: row.at,
    historical: row.historical,
  };
}
