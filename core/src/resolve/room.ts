// What a resolve batch works with. Composed once by the hub.
import type { AuditEntry } from '../audit/entry.ts';
import type { AudienceEngine } from '../audience/engine.ts';
import type { JustCommitted } from '../intake/just-committed.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import type { Transaction } from '../store/store.ts';

export interface ResolveRoom {
  readonly settings: StandardiseSettings;
  readonly keys: DeploymentKeys;
  readonly audiences: AudienceEngine;
  readonly justCommitted?: Pick<JustCommitted, 'takeAfter'> | undefined;
  /** False while the log is replayed for a rebuild: audiences are computed once, at the end. */
  readonly evaluate: boolean;
  /** A restored store: what was received before may have been resolved, and acted on, already. */
  readonly historicalBefore?: number | undefined;
  appendAudit(transaction: Transaction, entries: readonly AuditEntry[]): Promise<void>;
  now(): number;
}

export function isRebuild({ evaluate }: Pick<ResolveRoom, 'evaluate'>): boolean {
  return !evaluate;
}
