// Destinations as operators see them, and their levers.
import type { Progress } from '../api/jobs.ts';
import type { DestinationOperations, ListResync } from '../operator-reads.ts';
import { noteOperator } from './audit-reads.ts';
import type { Rooms } from './rooms.ts';
import { readUnopened } from './unopened.ts';

export function createDestinationOperations(rooms: Rooms): DestinationOperations {
  const { config, delivery } = rooms;
  const startedAt = rooms.room.now();
  return {
    async list() {
      const unopened = await readUnopened(rooms);
      const stopped = unopened.map(({ problem: { code, message, hint }, stored }) => ({
        ...stored,
        state: 'stopped',
        code,
        message: `${message}. ${hint}`,
        since: startedAt,
        // Nobody plans for it.
        unplanned: 0,
      }));
      return [...(await delivery.status()), ...stopped].flatMap((status) => {
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
    reset: (instance, by, progress) => delivery.reset(instance, by, progress),
    resync: (instance, by, progress) => resync(rooms, instance, by, progress),
    async actions(instance, status, limit) {
      const rows = await delivery.actions(instance, status, limit);
      return rows.map(({ id, name, audience, status: state, attempts, reason, ...times }) => ({
        id,
        name,
        audience,
        status: state,
        attempts,
        reason: reason ?? undefined,
        plannedAt: times.plannedAt,
        settledAt: times.settledAt ?? undefined,
      }));
    },
    settleAction: (instance, id, verdict, reason, by) =>
      delivery.settleAction(instance, id, verdict, reason, by),
    async events(instance, status, limit) {
      const rows = await delivery.openEvents(instance, status, limit);
      return rows.map((row) => ({
        ...row,
        reason: row.reason ?? undefined,
        dueAt: row.dueAt ?? undefined,
      }));
    },
    settleEvent: (instance, number, verdict, by) =>
      delivery.settleEvent(instance, number, verdict, by),
  };
}

/** List after list: a vendor that is asked for all of them at once may refuse. */
async function resync(
  rooms: Rooms,
  instance: string,
  by: string,
  progress: Progress,
): Promise<readonly ListResync[]> {
  const lists = rooms.config.destinations.get(instance)?.audiences.map(({ list }) => list) ?? [];
  const done: ListResync[] = [];
  for (const list of new Set(lists)) {
    progress(done.length, lists.length);
    const report = await rooms.delivery.reconcile(instance, list);
    const { found, missing, strangers } = report ?? { found: 0, missing: 0, strangers: 0 };
    done.push({ list, readBack: report !== undefined, found, missing, strangers });
  }
  const missing = done.reduce((sum, one) => sum + one.missing, 0);
  await rooms.store.transaction('background', (transaction) =>
    noteOperator(transaction, rooms, 'delivery.instance', by, {
      what: 'ledger.resynced',
      instance,
      missing,
    }),
  );
  return done;
}
