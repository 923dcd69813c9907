// The writer of signed heads, where config asks for one.
import { join } from 'node:path';
import type { Clock, PluginLogger } from '@tributary/sdk';
import type { AuditSettings } from '../config/hub-config.ts';
import type { Store } from '../store/store.ts';
import { loadHeadKey } from './head-key.ts';
import { createHeadWriter, type HeadWriter } from './heads.ts';

/**
 * A restored store is shorter than heads that were signed before: its own go into a folder below, so that
 * both stay evidence.
 * @param keyFolder beside the store, not beside the heads: who can rewrite the one cannot sign for the other.
 * @param restoredAt milliseconds since 1970.
 */
export async function openHeadWriter(
  store: Store,
  { headsFolder, headEveryMs }: AuditSettings,
  keyFolder: string,
  { clock, log }: { readonly clock: Clock; readonly log: PluginLogger },
  restoredAt: number | undefined,
): Promise<HeadWriter | undefined> {
  if (headsFolder === undefined) return undefined;
  const key = await loadHeadKey(join(keyFolder, 'audit-head.key'));
  const folder = restoredAt === undefined ? headsFolder : join(headsFolder, nameOf(restoredAt));
  return createHeadWriter({ store, key, folder, everyMs: headEveryMs, clock, log });
}

function nameOf(restoredAt: number): string {
  return `restored-${new Date(restoredAt).toISOString().replaceAll(/[:.]/g, '-')}`;
}
