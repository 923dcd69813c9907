// The writer of signed heads, where config asks for one.
import { join } from 'node:path';
import type { Clock, PluginLogger } from '@tributary/sdk';
import type { AuditSettings } from '../config/hub-config.ts';
import type { Store } from '../store/store.ts';
import { loadHeadKey } from './head-key.ts';
import { createHeadWriter, type HeadWriter } from './heads.ts';

/** @param keyFolder beside the store, not beside the heads: who can rewrite the one cannot sign for the other. */
export async function openHeadWriter(
  store: Store,
  { headsFolder, headEveryMs }: AuditSettings,
  keyFolder: string,
  { clock, log }: { readonly clock: Clock; readonly log: PluginLogger },
): Promise<HeadWriter | undefined> {
  if (headsFolder === undefined) return undefined;
  const key = await loadHeadKey(join(keyFolder, 'audit-head.key'));
  return createHeadWriter({ store, key, folder: headsFolder, everyMs: headEveryMs, clock, log });
}
