// Sources as operators see them.
import type { SourceReads } from '../operator-reads.ts';
import { countOpenQuarantine } from './plans.ts';
import { readerOf, type Rooms } from './rooms.ts';

export function createSourceReads({ config, sources, store }: Rooms): SourceReads {
  return {
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
