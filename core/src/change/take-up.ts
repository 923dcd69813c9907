// This process begins to work: people are brought up to the rules of now, then what a restored store leaves
// open is settled, and only then is anything sent.
import { settleRestore, type RestoreNote, type SettleRestoreOptions } from '../backup/restored.ts';
import type { Privacy } from '../privacy/privacy.ts';
import type { Generation } from './generation.ts';
import { begin } from './hand-over.ts';

export interface TakeUp extends SettleRestoreOptions {
  readonly generation: Generation;
  /** Where the store came from a backup. */
  readonly restored: RestoreNote | undefined;
  readonly privacy: Pick<Privacy, 'reapply' | 'start'>;
}

export async function takeUp(options: TakeUp): Promise<void> {
  const { generation, restored, privacy } = options;
  await generation.loop.prepare();
  // A store from a backup is behind the world: nothing is sent before somebody has looked.
  if (restored) await settleRestore(options);
  await privacy.reapply();
  await begin(generation);
  privacy.start();
}
