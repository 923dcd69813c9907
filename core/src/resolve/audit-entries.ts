// What a batch writes into the audit log: merges, splits, moves of devices and changes of consent.
// Profile ids are keyed hashes; values of people never come here.
import type { AuditEntry, AuditKind } from '../audit/entry.ts';
import type { AppendedConsents } from '../consent/append.ts';
import type { IdentityChange } from '../identity/resolve-identities.ts';

type IdentityChangeKind = IdentityChange['changes'][number]['kind'];

const kinds: Readonly<Record<IdentityChangeKind, AuditKind | undefined>> = {
  merged: 'profile.merged',
  split: 'profile.split',
  device_moved: 'device.moved',
  renamed: undefined,
};

export function auditEntriesOf(
  identity: IdentityChange,
  consents: AppendedConsents,
  at: number,
): AuditEntry[] {
  const entries: AuditEntry[] = identity.changes.flatMap((change) => {
    const kind = kinds[change.kind];
    if (!kind) return [];
    const details = { profile: change.profileId, from: change.from, record: change.number };
    return [{ kind, at, actor: 'resolve', details }];
  });
  if (consents.entries === 0) return entries;
  const details = { entries: consents.entries, records: consents.records };
  return [...entries, { kind: 'consent.changed', at, actor: 'resolve', details }];
}
