// What operators see and do: audiences, sources, destinations, dead letters, quarantine.
import { settleQuarantined, listQuarantine, type QuarantineRow } from '../../intake/quarantine.ts';
import { appendAudit } from '../../audit/append.ts';
import { readAuditTail } from '../../audit/read.ts';
import { verifyAudit } from '../../audit/verify.ts';
import type { AuditKind } from '../../audit/entry.ts';
import { rememberHandedOut } from '../../identity/find.ts';
import { replayQuarantine } from '../../resolve/replay-quarantine.ts';
import { internalSource } from '../../sources/internal-source.ts';
import type {
  AudienceReads,
  AuditReads,
  ConsentOperations,
  DeadLetterOperations,
  DestinationOperations,
  QuarantineOperations,
  QuarantineView,
  SourceReads,
} from '../hub-reads.ts';
import { countOpenQuarantine, selectQuarantineEntry } from './plans.ts';
import { describeRule } from './describe-rule.ts';
import { readerOf, type Rooms } from './rooms.ts';

export function createAudienceReads({ config, audiences, store }: Rooms): AudienceReads {
  const reader = readerOf(store);
  return {
    list: () =>
      config.audiences.map(({ name, title, rule }) => ({ name, title, rule: describeRule(rule) })),
    size: (audience, now) => audiences.sizeOf(reader, audience, now),
    async members(audience, after, limit, now) {
      const members = await audiences.membersOf(reader, audience, now, { after, limit });
      const ids = members.map(({ profileId }) => profileId);
      await rememberHandedOut(reader, ids, now);
      return members;
    },
  };
}

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

export function createDestinationOperations(rooms: Rooms): DestinationOperations {
  const { config, delivery } = rooms;
  const startedAt = rooms.room.now();
  return {
    async list() {
      const statuses = await delivery.status();
      return statuses.flatMap((status) => {
        const settings = config.destinations.get(status.instance);
        if (!settings) return [];
        return [
          {
            id: status.instance,
            plugin: settings.plugin,
            enabled: settings.enabled,
            dryRun: settings.dryRun,
            state: status.state,
            code: status.code ?? undefined,
            message: status.message ?? undefined,
            // Whoever was never paused has run since the hub started.
            since: status.since === 0 ? startedAt : status.since,
            lag: status.unplanned,
            oldestUndelivered: status.oldestUndelivered ?? undefined,
            openDeadLetters: status.openDeadLetters,
            books: status.books,
          },
        ];
      });
    },
    pause: (instance, by) => delivery.pause(instance, 'paused by an operator', by),
    resume: (instance, by) => delivery.resume(instance, by),
    approveGuard: (instance, until, by) => delivery.approveGuard(instance, until, by),
    resync: (instance, by) => delivery.reset(instance, by),
  };
}

export function createDeadLetterOperations(rooms: Rooms): DeadLetterOperations {
  const { delivery } = rooms;
  return {
    async list({ instance, after, limit, ...filter }) {
      const letters = await delivery.deadLetters(instance, defined(filter), { after, limit });
      return letters.map((letter) => ({
        ...letter,
        list: letter.list ?? undefined,
        settledAt: letter.settledAt ?? undefined,
        settledReason: letter.settledReason ?? undefined,
      }));
    },
    replay: ({ instance, ...filter }, by) => delivery.replay(instance, defined(filter), by),
    drop: ({ instance, ...filter }, reason, by) =>
      delivery.drop(instance, defined(filter), reason, by),
  };
}

export function createQuarantineOperations(rooms: Rooms): QuarantineOperations {
  const { store, room } = rooms;
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
    async replay(ids, by) {
      const report = await replayQuarantine(ids, `replayed by ${by}`, {
        ...rooms,
        sources: rooms.settings.sources,
        reread: rooms.sources.reread,
      });
      await note(rooms, 'quarantine.settled', by, { replayed: report.replayed.length });
      return { replayed: report.replayed.length, stillOpen: report.refused.length };
    },
    async drop(ids, reason, by) {
      const dropped = await settleQuarantined(reader, ids, 'dropped', room.now(), reason);
      await note(rooms, 'quarantine.settled', by, { dropped });
      return dropped;
    },
  };
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

async function note(
  { store, room }: Rooms,
  kind: AuditKind,
  actor: string,
  details: Readonly<Record<string, number>>,
): Promise<void> {
  await store.transaction('background', (transaction) =>
    appendAudit(transaction, [{ kind, at: room.now(), actor, details }]),
  );
}

export function createConsentOperations({ intake, room }: Rooms): ConsentOperations {
  return {
    record: (identifiers, consents, by) =>
      intake.submit({
        source: internalSource,
        receivedAt: room.now(),
        records: [
          {
            type: 'consent',
            messageId: `${by}-${crypto.randomUUID()}`.slice(0, 200),
            identifiers,
            consents,
            trust: 'authenticated',
          },
        ],
      }),
  };
}

export function createAuditReads({ store }: Rooms): AuditReads {
  return {
    tail: (before, limit) =>
      readAuditTail(readerOf(store), before === undefined ? { limit } : { before, limit }),
    verify: () => verifyAudit(store),
  };
}

type Defined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

/** The same without what is undefined. */
function defined<Value extends object>(value: Value): Defined<Value> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the very fields, fewer of them
  return Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined),
  ) as Defined<Value>;
}
