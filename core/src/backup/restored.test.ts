// A destination that comes in long after the restore waits as those do that ran from the first.
import { beforeAll, expect, it } from 'vitest';
import { createManualClock } from '../../../test/support/manual-clock.ts';
import { eachStore } from '../../../test/support/stores.ts';
import { dynamicStatement, type Store } from '../store/store.ts';
import { restoredSetting, settleRestore, textOf } from './restored.ts';

const now = Date.UTC(2026, 5, 1);
const keepNote = dynamicStatement(
  'test.keep_note',
  `INSERT INTO setting (name, value) VALUES ($1, $2::jsonb)`,
);

eachStore('what a restore leaves open', (open) => {
  let store: Store;

  beforeAll(async () => {
    store = await open();
    const note = { takenAt: now - 86_400_000, restoredAt: now, settled: undefined };
    await store.query('background', keepNote, [restoredSetting, textOf(note)]);
  });

  /** @returns what was done, in its order. */
  async function settleWith(...running: readonly string[]): Promise<string[]> {
    const done: string[] = [];
    await settleRestore({
      store,
      clock: createManualClock(now),
      delivery: {
        instances: new Map(running.map((id) => [id, {}])),
        pause: async (id, _message, _by, code) => void done.push(`${id} ${code}`),
        reset: async (id) => void done.push(`${id} reset`),
        doubt: async (id) => void done.push(`${id} doubt`),
      },
    });
    return done;
  }

  it('is settled once for each that runs, whenever it runs first', async () => {
    // The plugin of `mail` does not open.
    expect(await settleWith('push')).toEqual(['push RESTORED', 'push reset', 'push doubt']);
    expect(await settleWith('push')).toEqual([]);
    expect(await settleWith('mail', 'push')).toEqual(['mail RESTORED', 'mail reset', 'mail doubt']);
    expect(await settleWith('mail', 'push')).toEqual([]);
    expect(await settleWith('push', 'paper')).toEqual([
      'paper RESTORED',
      'paper reset',
      'paper doubt',
    ]);
  });
});
