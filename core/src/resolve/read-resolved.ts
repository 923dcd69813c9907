// The log as delivery forwards it: resolved events with the person they belong to now. An event that
// can no longer be standardised has nothing to forward and is passed over; it is in quarantine.
import type { DeploymentKeys } from '../standardise/keys.ts';
import type { EmittedRecord, StandardRecord } from '../standardise/standard-record.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import type { Statement, Store } from '../store/store.ts';
import { selectCursor, selectResolvedAt, selectResolvedAfter } from './plans.ts';
import type { EventRow } from './event-row.ts';
import { standardiseRow } from './read-batch.ts';

export interface ResolvedEvent {
  readonly record: EmittedRecord;
  /** null: nobody's any more. */
  readonly profileId: string | null;
}

export interface ResolvedEventReader {
  /** Events after a log number and up to resolve's cursor, in order; empty only at its end. */
  after(number: number, limit: number): Promise<readonly ResolvedEvent[]>;
  /** The events with these numbers; those that are gone are left out. */
  at(numbers: readonly number[]): Promise<readonly ResolvedEvent[]>;
  /** Resolve's cursor. */
  position(): Promise<number>;
}

interface Row extends EventRow {
  profile_id: string | null;
}

export interface ResolvedReaderOptions {
  readonly keys: DeploymentKeys;
  /** Asked for each read: config may change. */
  settings(): StandardiseSettings;
}

export function createResolvedEventReader(
  store: Store,
  { keys, settings }: ResolvedReaderOptions,
): ResolvedEventReader {
  const read = async (
    statement: Statement,
    parameters: readonly unknown[],
  ): Promise<{ events: ResolvedEvent[]; last: number | undefined }> => {
    const rows = await store.query<Row>('background', statement, parameters);
    const events = rows.flatMap((row) => {
      const result = standardiseRow(row, { keys, settings: settings() });
      // What nothing, or no fact, is left of has nothing to forward.
      if (result === undefined || !('record' in result)) return [];
      const { record } = result;
      return isToForward(record) ? [{ record, profileId: row.profile_id }] : [];
    });
    return { events, last: rows.at(-1)?.number };
  };

  return {
    async after(number, limit) {
      let from = number;
      for (;;) {
        const { events, last } = await read(selectResolvedAfter, [from, limit]);
        if (events.length > 0 || last === undefined) return events;
        from = last;
      }
    },
    async at(numbers) {
      if (numbers.length === 0) return [];
      return (await read(selectResolvedAt, [numbers])).events;
    },
    async position() {
      const [row] = await store.query<{ position: number }>('background', selectCursor);
      return row?.position ?? 0;
    },
  };
}

function isToForward(record: StandardRecord): record is EmittedRecord {
  return record.beside === undefined && record.type !== 'decision';
}
