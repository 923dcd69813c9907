// This process begins to work: people are brought up to the rules of now, then what a restored store leaves
// open is settled, and only then is anything sent.
import type { AudienceEngine } from '../audience/engine.ts';
import { settleRestore, type RestoreNote, type SettleRestoreOptions } from '../backup/restored.ts';
import type { Privacy } from '../privacy/privacy.ts';
import type { Generation } from './generation.ts';
import { begin } from './hand-over.ts';

export interface TakeUp extends SettleRestoreOptions {
  readonly generation: Generation;
  /** Where the store came from a backup. */
  readonly restored: RestoreNote | undefined;
  readonly audiences: Pick<AudienceEngine, 'tick'>;
  readonly privacy: Pick<Privacy, 'reapply' | 'start'>;
}

export async function takeUp(options: TakeUp): Promise<void> {
  const { store, generation, restored, audiences, privacy } = options;
  await generation.loop.prepare();
  // A store from a backup is behind the world: nothing is sent before somebody has looked.
  if (restored) {
    await settleRestore(options);
    // Whom time alone brought in meanwhile was brought in before, and mailed.
    await audiences.tick(store, restored.restoredAt, 'rebuild');
  }
  await privacy.reapply(() => generation.loop.drain());
  await begin(generation);
  privacy.start();
}
