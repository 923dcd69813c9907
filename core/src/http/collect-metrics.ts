// What is counted when somebody asks: gauges over the store, and the books of delivery, whose sums only
// ever grow. Everything that happens between two questions is counted where it happens.
import { statfs } from 'node:fs/promises';
import { createProcessGauges } from '../observe/process-gauges.ts';
import type { InstanceStatus } from '../delivery/status.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Resolver } from '../resolve/resolver.ts';
import { requestKinds } from '../privacy/requests.ts';
import { statement } from '../store/store.ts';
import type { MetricsText } from './metrics.ts';
import { readerOf } from '../store/reader.ts';
import type { Rooms } from './reads/rooms.ts';
import { countOpenQuarantine, countStops, selectStoreSize } from './reads/plans.ts';

const countProfiles = statement(
  'http.count_profiles',
  `SELECT count(*) AS profiles, min(check_at) AS due FROM profile`,
);
const countMembers = statement(
  'http.count_members',
  `SELECT audience, count(*) AS members FROM membership GROUP BY audience`,
);

export interface CollectedRooms extends Omit<Rooms, 'changes'> {
  readonly resolver: Pick<Resolver, 'lag'>;
  readonly duty: { readonly isHeld: boolean };
}

/** @param current the rooms by the config of now: the counters outlive it. */
export function collectMetrics(metrics: Metrics, current: () => CollectedRooms): MetricsText {
  const addBooks = createBookCounter(metrics);
  const observeProcess = createProcessGauges();
  return {
    contentType: metrics.contentType,
    async text() {
      const rooms = current();
      await collectLine(metrics, rooms);
      await collectStore(metrics, rooms);
      observeProcess(metrics);
      const statuses = await rooms.delivery.status();
      for (const status of statuses) {
        collectDestination(metrics, status, rooms.room.now());
        addBooks(status);
      }
      return metrics.metrics();
    },
  };
}

async function collectLine(metrics: Metrics, rooms: CollectedRooms): Promise<void> {
  const { store, config, intake, resolver, room, sources } = rooms;
  const reader = readerOf(store);
  metrics.set('tributary_on_duty', {}, Number(rooms.duty.isHeld));
  metrics.set('tributary_intake_waiting', {}, intake.waiting());
  const { events, oldestReceivedAt } = await resolver.lag();
  metrics.set('tributary_resolve_lag_events', {}, events);
  const waiting = Math.max(0, room.now() - (oldestReceivedAt ?? Infinity)) / 1_000;
  metrics.set('tributary_resolve_lag_seconds', {}, waiting);
  const [people] = await reader.query<{ profiles: number; due: number | null }>(countProfiles);
  metrics.set('tributary_profiles', {}, people?.profiles ?? 0);
  const lag = Math.max(0, room.now() - (people?.due ?? Infinity)) / 1_000;
  metrics.set('tributary_audience_timer_lag_seconds', {}, lag);
  const members = await reader.query<{ audience: string; members: number }>(countMembers);
  const sizes = new Map(members.map((row) => [row.audience, row.members]));
  for (const { name } of config.audiences) {
    metrics.set('tributary_audience_members', { audience: name }, sizes.get(name) ?? 0);
  }
  const open = await reader.query<{ source: string; open: number }>(countOpenQuarantine);
  const kept = new Map(open.map((row) => [row.source, row.open]));
  for (const source of config.sources.keys()) {
    metrics.set('tributary_quarantine_open', { source }, kept.get(source) ?? 0);
  }
  const requests = new Map((await rooms.privacy.countOpen()).map((row) => [row.kind, row]));
  for (const kind of requestKinds) {
    const { open: undone, overdue } = requests.get(kind) ?? { open: 0, overdue: 0 };
    metrics.set('tributary_privacy_requests_open', { kind }, undone);
    metrics.set('tributary_privacy_requests_overdue', { kind }, overdue);
  }
  for (const { id, state } of sources.status()) setState(metrics, id, state, sourceStates);
}

async function collectStore(metrics: Metrics, { store, config }: CollectedRooms): Promise<void> {
  const reader = readerOf(store);
  const [size] = await reader.query<{ bytes: number }>(selectStoreSize);
  metrics.set('tributary_store_bytes', {}, size?.bytes ?? 0);
  const [waiting] = await reader.query<{ stops: number }>(countStops);
  metrics.set('tributary_stops', {}, waiting?.stops ?? 0);
  if (config.store.kind !== 'embedded') return;
  const disk = await statfs(config.store.folder).catch(() => undefined);
  if (disk) metrics.set('tributary_store_free_bytes', {}, disk.bavail * disk.bsize);
}

const sourceStates = ['running', 'waiting', 'paused', 'stopped'];
const destinationStates = ['running', 'paused', 'guarded'];

function setState(
  metrics: Metrics,
  instance: string,
  now: string,
  states: readonly string[],
): void {
  for (const state of states) {
    metrics.set('tributary_instance_state', { instance, state }, Number(state === now));
  }
}

function collectDestination(metrics: Metrics, status: InstanceStatus, now: number): void {
  const destination = status.instance;
  const sumOf = (field: 'pending' | 'inDoubt'): number =>
    status.books.reduce((sum, book) => sum + book[field], 0);
  const age = status.oldestUndelivered === null ? 0 : (now - status.oldestUndelivered) / 1_000;
  metrics.set('tributary_deliveries_pending', { destination }, sumOf('pending') + sumOf('inDoubt'));
  metrics.set('tributary_deliveries_in_doubt', { destination }, sumOf('inDoubt'));
  metrics.set('tributary_deliveries_held', { destination }, status.held);
  metrics.set('tributary_plan_lag_profiles', { destination }, status.unplanned);
  metrics.set('tributary_delivery_oldest_seconds', { destination }, Math.max(0, age));
  metrics.set('tributary_dead_letters', { destination }, status.openDeadLetters);
  setState(metrics, destination, status.state, destinationStates);
}

const outcomes = ['delivered', 'filtered', 'rejected', 'superseded'] as const;

/** The books are kept in the store and outlive the process; a counter takes what came on top. */
function createBookCounter(metrics: Metrics): (status: InstanceStatus) => void {
  const seen = new Map<string, number>();
  return ({ instance: destination, books }) => {
    for (const outcome of outcomes) {
      const sum = books.reduce((total, book) => total + book[outcome], 0);
      const key = `${destination}\u0000${outcome}`;
      const more = sum - (seen.get(key) ?? 0);
      seen.set(key, sum);
      metrics.add('tributary_deliveries_total', { destination, outcome }, Math.max(0, more));
    }
  };
}
