// What a batch writes into the audit log: decisions of operators, merges, splits, moves of devices and changes
// of consent. People
// are named by the random references of their identifiers alone; with these gone nobody can tell whom
// an entry was about, not even with the deployment's key.
import type { AuditEntry, AuditKind } from '../audit/entry.ts';
import type { AppendedConsents } from '../consent/append.ts';
import type { IdentityChange } from '../identity/resolve-identities.ts';
import type { StandardRecord } from '../standardise/standard-record.ts';
import type { Transaction } from '../store/store.ts';
import { selectReferences, selectReferencesOfHashes } from './plans.ts';

type Change = IdentityChange['changes'][number];

const kinds: Readonly<Record<Change['kind'], AuditKind | undefined>> = {
  merged: 'profile.merged',
  split: 'profile.split',
  device_moved: 'device.moved',
  renamed: undefined,
};

export async function auditEntriesOf(
  transaction: Transaction,
  decisions: readonly AuditedDecision[],
  { changes, erased }: IdentityChange,
  consents: AppendedConsents,
  at: number,
): Promise<AuditEntry[]> {
  const told = changes.filter(({ kind }) => kinds[kind] !== undefined);
  const references = await loadReferences(transaction, told);
  const decided = await tellDecisions(transaction, decisions, at);
  const merged = told.flatMap(({ kind, profileId, from, number }): AuditEntry[] => {
    const auditKind = kinds[kind];
    if (auditKind === undefined) return [];
    const subjects = [profileId, ...from].flatMap((id) => references.get(id) ?? []);
    return [{ kind: auditKind, at, actor: 'resolve', subjects, details: { record: number } }];
  });
  const entries = [...decided, ...merged];
  if (erased.length > 0) {
    // Whom it was about is what an erasure forgets: how many identifiers is all that stays.
    const details = { identifiers: erased.length };
    entries.push({ kind: 'data.erased', at, actor: 'resolve', details });
  }
  if (consents.entries > 0) {
    const details = { entries: consents.entries, records: consents.records };
    entries.push({ kind: 'consent.changed', at, actor: 'resolve', details });
  }
  return entries;
}

/** A record that decides about two identifiers, as the audit log tells of it. */
export interface AuditedDecision {
  readonly actor: string;
  readonly kind: string;
  /** Of the two identifiers. */
  readonly hashes: readonly string[];
  readonly number: number;
}

export function decisionsIn(records: readonly StandardRecord[]): AuditedDecision[] {
  return records.flatMap(({ decision, identifiers, number }) => {
    if (decision === undefined) return [];
    const { actor, kind } = decision;
    return [{ actor, kind, hashes: identifiers.map(({ hash }) => hash), number }];
  });
}

async function tellDecisions(
  transaction: Transaction,
  decisions: readonly AuditedDecision[],
  at: number,
): Promise<AuditEntry[]> {
  if (decisions.length === 0) return [];
  const rows = await transaction.query<{ hash: string; audit_ref: string }>(
    selectReferencesOfHashes,
    [[...new Set(decisions.flatMap(({ hashes }) => hashes))]],
  );
  const references = new Map(rows.map((row) => [row.hash, row.audit_ref]));
  return decisions.map(({ actor, hashes, kind, number }): AuditEntry => {
    const subjects = hashes.flatMap((hash) => references.get(hash) ?? []);
    const details = { decision: kind, record: number };
    return { kind: 'identity.decided', at, actor, subjects, details };
  });
}

/** Profile id → the reference of the identifier that it is named after. */
async function loadReferences(
  transaction: Transaction,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, string>> {
  if (changes.length === 0) return new Map();
  const ids = new Set(changes.flatMap(({ profileId, from }) => [profileId, ...from]));
  const rows = await transaction.query<{ latent_id: string; audit_ref: string }>(selectReferences, [
    [...ids],
  ]);
  return new Map(rows.map((row) => [row.latent_id, row.audit_ref]));
}
