// What could not be taken: looked at, tried again, dropped with a reason.
import { dropStopsOf } from '../../consent/stop.ts';
import { listQuarantine, settleQuarantined, type QuarantineRow } from '../../intake/quarantine.ts';
import { replayQuarantine } from '../../resolve/replay-quarantine.ts';
import type {
  QuarantineOperations,
  QuarantineSelection,
  QuarantineView,
} from '../operator-reads.ts';
import { hashOfReason, noteOperator } from './audit-reads.ts';
import { defined } from './defined.ts';
import { countSelectedQuarantine, selectQuarantineEntry } from './plans.ts';
import { isoTime, type Transaction } from '../../store/store.ts';
import { readerOf, type Rooms } from './rooms.ts';

/** Entries taken up at once. */
const pageSize = 100;

export function createQuarantineOperations(rooms: Rooms): QuarantineOperations {
  const { store, room, settings } = rooms;
  const reader = readerOf(store);
  return {
    async list(query) {
      return (await listQuarantine(reader, defined(query))).map(quarantineView);
    },
    async show(id) {
      const [row] = await reader.query<StoredEntry>(selectQuarantineEntry, [id]);
      if (!row) return undefined;
      const entry = { ...row, receivedAt: row.received_at, settledAt: row.settled_at };
      const view = quarantineView({ ...entry, settledReason: row.settled_reason });
      return { ...view, payload: row.payload ?? undefined };
    },
    async replay(selection, by, progress) {
      const all = await countOpen(rooms, selection);
      let replayed = 0;
      let stillOpen = 0;
      const note = (transaction: Transaction, count: number): Promise<void> =>
        noteOperator(transaction, rooms, 'quarantine.settled', by, { replayed: count });
      for await (const { ids } of openPages(rooms, selection)) {
        progress(replayed + stillOpen, all);
        const { reread } = rooms.sources;
        const options = { ...rooms, sources: settings.sources, reread, note };
        const report = await replayQuarantine(ids, `replayed by ${by}`, options);
        replayed += report.replayed.length;
        stillOpen += report.refused.length;
      }
      return { replayed, stillOpen };
    },
    async drop(selection, reason, by) {
      let dropped = 0;
      for await (const { ids, numbers } of openPages(rooms, selection)) {
        dropped += await store.transaction('background', async (transaction) => {
          const now = room.now();
          const count = await settleQuarantined(transaction, ids, 'dropped', now, reason);
          await dropStopsOf(transaction, numbers);
          const details = { dropped: count, reason: hashOfReason(reason) };
          await noteOperator(transaction, rooms, 'quarantine.settled', by, details);
          return count;
        });
      }
      return dropped;
    },
  };
}

interface OpenPage {
  readonly ids: readonly number[];
  /** Of those that are in the log. */
  readonly numbers: readonly number[];
}

/** What stays open is not met again. */
async function* openPages(
  { store }: Rooms,
  selection: QuarantineSelection,
): AsyncGenerator<OpenPage> {
  const reader = readerOf(store);
  for (let after = 0; ;) {
    const query = { ...defined(selection), state: 'open', after, limit: pageSize } as const;
    const entries = await listQuarantine(reader, query);
    const ids = entries.map(({ id }) => id);
    const last = ids.at(-1);
    if (last === undefined) return;
    yield { ids, numbers: entries.flatMap(({ number }) => number ?? []) };
    after = last;
  }
}

async function countOpen({ store }: Rooms, selection: QuarantineSelection): Promise<number> {
  const { ids, source, code, since, until } = selection;
  const [row] = await readerOf(store).query<{ count: number }>(countSelectedQuarantine, [
    source ?? null,
    code ?? null,
    since === undefined ? null : isoTime(since),
    until === undefined ? null : isoTime(until),
    ids ?? null,
  ]);
  return row?.count ?? 0;
}

interface StoredEntry {
  id: number;
  source: string;
  received_at: number;
  code: string;
  message: string;
  number: number | null;
  state: QuarantineRow['state'];
  settled_at: number | null;
  settled_reason: string | null;
  payload: Uint8Array | null;
}

function quarantineView(row: Omit<QuarantineRow, 'keyId' | 'payload'>): QuarantineView {
  return {
    id: row.id,
    source: row.source,
    receivedAt: row.receivedAt,
    code: row.code,
    message: row.message,
    record: row.number ?? undefined,
    state: row.state,
    settledAt: row.settledAt ?? undefined,
    settledReason: row.settledReason ?? undefined,
  };
}
