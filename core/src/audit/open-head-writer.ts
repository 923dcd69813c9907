// The writer of signed heads, where config asks for one.
import { join } from 'node:path';
import type { Clock, PluginLogger } from '@tributary/sdk';
import type { AuditSettings } from '../config/hub-config.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Store } from '../store/store.ts';
import { loadHeadKey } from './head-key.ts';
import { createHeadWriter, type HeadWriter } from './heads.ts';

export interface HeadWorld {
  readonly clock: Clock;
  readonly log: PluginLogger;
  readonly metrics: Pick<Metrics, 'set'>;
  readonly duty: { readonly isHeld: boolean };
  /** Milliseconds since 1970, where the store came from a backup. */
  readonly restored: { readonly restoredAt: number } | undefined;
}

/**
 * A restored store is shorter than heads that were signed before: its own go into a folder below, so that
 * both stay evidence.
 * @param keyFolder beside the store, not beside the heads: who can rewrite the one cannot sign for the other.
 */
export async function openHeadWriter(
  store: Store,
  { headsFolder, headEveryMs }: AuditSettings,
  keyFolder: string,
  { clock, log, metrics, duty, restored }: HeadWorld,
): Promise<HeadWriter | undefined> {
  if (headsFolder === undefined) return undefined;
  const key = await loadHeadKey(join(keyFolder, 'audit-head.key'));
  const folder = restored ? join(headsFolder, nameOf(restored.restoredAt)) : headsFolder;
  return createHeadWriter({
    store,
    key,
    folder,
    everyMs: headEveryMs,
    clock,
    log,
    isOnDuty: () => duty.isHeld,
    onCovered: (at) =>
      metrics.set('tributary_audit_head_covered_timestamp_seconds', {}, at / 1_000),
  });
}

function nameOf(restoredAt: number): string {
  return `restored-${new Date(restoredAt).toISOString().replaceAll(/[:.]/g, '-')}`;
}
