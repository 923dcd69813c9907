// Sources as operators see them.
import { putCheckpoint, readCheckpoint } from '../../intake/checkpoint.ts';
import type { Transaction } from '../../store/store.ts';
import type { SourceReads } from '../operator-reads.ts';
import { noteOperator } from './audit-reads.ts';
import { countOpenQuarantine } from './plans.ts';
import { readerOf, type Rooms } from './rooms.ts';

export function createSourceReads(rooms: Rooms): SourceReads {
  const { config, sources, store, room } = rooms;
  const note = (transaction: Transaction, by: string, instance: string, what: string) =>
    noteOperator(transaction, rooms, 'source.operated', by, { instance, what });
  return {
    checkpoint: (source) => readCheckpoint(store, source),
    restart: (source, what, by) =>
      sources.restart(source, () =>
        store.transaction('background', (transaction) => note(transaction, by, source, what)),
      ),
    setCheckpoint: (source, value, by) =>
      sources.restart(source, () =>
        store.transaction('background', async (transaction) => {
          await putCheckpoint(transaction, source, value, room.now());
          const what = value === undefined ? 'checkpoint.reset' : 'checkpoint.set';
          await note(transaction, by, source, what);
        }),
      ),
    async list() {
      const rows = await readerOf(store).query<{ source: string; open: number }>(
        countOpenQuarantine,
      );
      const open = new Map(rows.map((row) => [row.source, row.open]));
      const driven = new Map(sources.status().map((status) => [status.id, status]));
      return [...config.sources.values()].map(({ id, plugin, enabled }) => ({
        id,
        plugin,
        enabled,
        state: enabled ? (driven.get(id)?.state ?? 'running') : 'off',
        code: driven.get(id)?.message?.split(':')[0],
        openInQuarantine: open.get(id) ?? 0,
      }));
    },
  };
}
