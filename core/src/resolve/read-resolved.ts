// The log as delivery forwards it: resolved events with the person they belong to now.
import type { DeploymentKeys } from '../standardise/keys.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import type { Lane, Store } from '../store/store.ts';
import { selectResolvedEvents } from './plans.ts';
import { standardiseRow, type EventRow } from './read-batch.ts';

export interface ResolvedEvent {
  readonly number: number;
  /** undefined: it cannot be standardised any more, or was erased; there is nothing to forward. */
  readonly record: StandardRecord | undefined;
  readonly profileId: string | undefined;
  readonly subjectId: number | undefined;
}

interface Row extends EventRow {
  subject_id: number | null;
  profile_id: string | null;
}

export async function readResolvedEvents(
  store: Store,
  lane: Lane,
  after: number,
  limit: number,
  options: { readonly settings: StandardiseSettings; readonly keys: DeploymentKeys },
): Promise<ResolvedEvent[]> {
  const rows = await store.query<Row>(lane, selectResolvedEvents, [after, limit]);
  return rows.map((row) => {
    const result = standardiseRow(row, options);
    return {
      number: row.number,
      record: 'record' in result ? result.record : undefined,
      profileId: row.profile_id ?? undefined,
      subjectId: row.subject_id ?? undefined,
    };
  });
}
