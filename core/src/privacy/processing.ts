// The record of processing: which field went where, for what, and on which legal bases, as they were when it
// went.
import { readProcessing, readProcessingBases, type ProcessedField } from '../delivery/forget.ts';
import type { Queryable } from '../store/store.ts';

export interface UsedBasis {
  /** GDPR article 6. */
  readonly basis: string;
  readonly firstAt: number;
  readonly lastAt: number;
}

export type ProcessingRow = ProcessedField & { readonly bases: readonly UsedBasis[] };

/** A basis is known of what went since the hub writes it down. */
export async function readProcessingRecord(reader: Queryable): Promise<ProcessingRow[]> {
  const used = Map.groupBy(await readProcessingBases(reader), keyOf);
  const fields = await readProcessing(reader);
  return fields.map((field) => ({
    ...field,
    bases: (used.get(keyOf(field)) ?? []).map(({ basis, firstAt, lastAt }) => ({
      basis,
      firstAt,
      lastAt,
    })),
  }));
}

function keyOf({
  instance,
  scope,
  purpose,
}: Pick<ProcessedField, 'instance' | 'scope' | 'purpose'>): string {
  return JSON.stringify([instance, scope, purpose]);
}
