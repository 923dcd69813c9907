// Sources as operators see them.
import { putCheckpoint, readCheckpoint } from '../../intake/checkpoint.ts';
import { putPause, readPaused, takePause } from '../../sources/paused.ts';
import type { Transaction } from '../../store/store.ts';
import type { SourceReads } from '../operator-reads.ts';
import { noteOperator } from './audit-reads.ts';
import { countOpenQuarantine } from './plans.ts';
import { readerOf, type Rooms } from './rooms.ts';

export function createSourceReads(rooms: Rooms): SourceReads {
  const { config, sources, store, room, paused, plugins } = rooms;
  const noting =
    (
      instance: string,
      what: string,
      by: string,
      work?: (transaction: Transaction) => Promise<unknown>,
    ) =>
    (): Promise<void> =>
      store.transaction('background', async (transaction) => {
        await work?.(transaction);
        await noteOperator(transaction, rooms, 'source.operated', by, { instance, what });
      });
  /** One that only listens needs nobody to drive it. */
  async function operate(source: string, work: () => Promise<void>): Promise<boolean> {
    try {
      if (sources.drives(source)) return await sources.restart(source, work);
      await work();
      return true;
    } finally {
      paused.forget();
    }
  }
  return {
    checkpoint: (source) => readCheckpoint(store, source),
    pull: (source, by) => sources.restart(source, noting(source, 'pull', by)),
    pause: (source, by) =>
      operate(
        source,
        noting(source, 'pause', by, (transaction) => putPause(transaction, source, room.now())),
      ),
    resume: (source, by) =>
      operate(
        source,
        noting(source, 'resume', by, (transaction) => takePause(transaction, source)),
      ),
    setCheckpoint: (source, value, by) => {
      const what = value === undefined ? 'checkpoint.reset' : 'checkpoint.set';
      return sources.restart(
        source,
        noting(source, what, by, (transaction) =>
          putCheckpoint(transaction, source, value, room.now()),
        ),
      );
    },
    async list() {
      const rows = await readerOf(store).query<{ source: string; open: number }>(
        countOpenQuarantine,
      );
      const open = new Map(rows.map((row) => [row.source, row.open]));
      const held = await readPaused(store);
      const known = new Map(sources.status().map((status) => [status.id, status]));
      const problems = new Map(plugins.problems.map(({ instance, code }) => [instance, code]));
      return [...config.sources.values()].map(({ id, plugin, enabled }) => {
        const { state = 'running', message } = known.get(id) ?? {};
        // One that was stopped does not come back by being resumed.
        const stands =
          held.has(id) && state !== 'stopped'
            ? { state: 'paused', code: 'SOURCE_PAUSED' }
            : { state, code: problems.get(id) ?? message?.split(':')[0] };
        return {
          id,
          plugin,
          enabled,
          ...stands,
          ...(!enabled && { state: 'off' }),
          openInQuarantine: open.get(id) ?? 0,
        };
      });
    },
  };
}
