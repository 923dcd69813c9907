// The ledger's entries on one person, newest first, for people to read.
import type { Identifier, JsonObject } from '@tributary/sdk';
import type { Queryable } from '../store/store.ts';
import { selectHistory } from './plans.ts';

export interface ConsentHistoryEntry {
  readonly identifier: Identifier;
  readonly purpose: string;
  readonly channel: string;
  readonly status: string;
  readonly lawfulBasis: string;
  readonly textVersion: string | undefined;
  readonly evidence: JsonObject | undefined;
  readonly source: string;
  readonly jurisdiction: string | undefined;
  readonly effectiveAt: number;
  readonly recordedAt: number;
  readonly expiresAt: number | undefined;
  /** Log number of the record that brought it. */
  readonly record: number;
}

interface Row {
  namespace: string;
  value: string;
  purpose: string;
  channel: string;
  status: string;
  lawful_basis: string;
  text_version: string | null;
  evidence: JsonObject | null;
  source: string;
  jurisdiction: string | null;
  effective_at: number;
  recorded_at: number;
  expires_at: number | null;
  number: number;
}

export async function readConsentHistory(
  queryable: Queryable,
  profileId: string,
  limit: number,
): Promise<ConsentHistoryEntry[]> {
  const rows = await queryable.query<Row>(selectHistory, [profileId, limit]);
  return rows.map((row) => ({
    identifier: { namespace: row.namespace, value: row.value },
    purpose: row.purpose,
    channel: row.channel,
    status: row.status,
    lawfulBasis: row.lawful_basis,
    textVersion: row.text_version ?? undefined,
    evidence: row.evidence ?? undefined,
    source: row.source,
    jurisdiction: row.jurisdiction ?? undefined,
    effectiveAt: row.effective_at,
    recordedAt: row.recorded_at,
    expiresAt: row.expires_at ?? undefined,
    record: row.number,
  }));
}
