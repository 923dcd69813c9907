// What a batch writes into the audit log: merges, splits, moves of devices and changes of consent. People
// are named by the random references of their identifiers alone; with these gone nobody can tell whom
// an entry was about, not even with the deployment's key.
import type { AuditEntry, AuditKind } from '../audit/entry.ts';
import type { AppendedConsents } from '../consent/append.ts';
import type { IdentityChange } from '../identity/resolve-identities.ts';
import type { Transaction } from '../store/store.ts';
import { selectReferences } from './plans.ts';

type Change = IdentityChange['changes'][number];

const kinds: Readonly<Record<Change['kind'], AuditKind | undefined>> = {
  merged: 'profile.merged',
  split: 'profile.split',
  device_moved: 'device.moved',
  renamed: undefined,
};

export async function auditEntriesOf(
  transaction: Transaction,
  { changes, erased }: IdentityChange,
  consents: AppendedConsents,
  at: number,
): Promise<AuditEntry[]> {
  const told = changes.filter(({ kind }) => kinds[kind] !== undefined);
  const references = await loadReferences(transaction, told);
  const entries = told.flatMap(({ kind, profileId, from, number }): AuditEntry[] => {
    const auditKind = kinds[kind];
    if (auditKind === undefined) return [];
    const subjects = [profileId, ...from].flatMap((id) => references.get(id) ?? []);
    return [{ kind: auditKind, at, actor: 'resolve', subjects, details: { record: number } }];
  });
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
