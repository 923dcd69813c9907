// What the audit log holds: who did what to which subjects, without anything personal. No free text
// and no vendor's words, only their hash.
import type { JsonValue } from '@tributary/sdk';

export const auditKinds = [
  'hub.started',
  'hub.stopped',
  'config.loaded',
  'config.changed',
  'plugin.opened',
  'plugin.failed',
  'plugin.closed',
  'profile.merged',
  'profile.split',
  'device.moved',
  'identity.decided',
  'consent.changed',
  'delivery.batch',
  'delivery.instance',
  'data.read',
  'data.exported',
  'data.erased',
  'data.aged',
  'deadletter.settled',
  'quarantine.settled',
  'source.operated',
  'key.created',
  'key.revoked',
  'privacy.requested',
  'privacy.confirmed',
  'privacy.done',
  'store.rebuild_asked',
  'store.rebuilt',
  'store.rekeyed',
  'store.backed_up',
  'store.restored',
] as const;
export type AuditKind = (typeof auditKinds)[number];

export interface AuditEntry {
  readonly kind: AuditKind;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The key id or part of the hub that acted, e.g. `key:ab12`, `resolve`, `delivery:mail`. */
  readonly actor: string;
  /** Random references of identifiers (their `audit_ref`); deleted at erasure, which makes the entry anonymous. */
  readonly subjects?: readonly string[];
  /** Numbers, codes, ids of config; never a value of a person. */
  readonly details?: Readonly<Record<string, JsonValue>>;
}

/** Delivery's own words for what happened, in the log's. */
export function auditKindOf(kind: string): AuditKind {
  if (kind.startsWith('dead_letters.')) return 'deadletter.settled';
  return /^(instance|guard|ledger)\./.test(kind) ? 'delivery.instance' : 'delivery.batch';
}
