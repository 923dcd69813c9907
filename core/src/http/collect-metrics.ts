// What is counted when somebody asks: gauges over the store, and the books of delivery, whose sums only
// ever grow. Everything that happens between two questions is counted where it happens.
import { statfs } from 'node:fs/promises';
import type { PluginLogger } from '@tributary/sdk';
import { countMembers } from '../audience/count-members.ts';
import { countProfiles } from '../profile/count-profiles.ts';
import { seldom } from '../observe/seldom.ts';
import { createProcessGauges } from '../observe/process-gauges.ts';
import type { StoredStatus } from '../delivery/status.ts';
import type { Metrics } from '../observe/metrics.ts';
import { isLeftOut } from '../plugins/left-out.ts';
import { timedOut, within } from '../plugins/within.ts';
import type { Resolver } from '../resolve/resolver.ts';
import { requestKinds } from '../privacy/requests.ts';
import { statement } from '../store/store.ts';
import type { MetricsText } from './metrics.ts';
import { readerOf } from '../store/reader.ts';
import type { Rooms } from './reads/rooms.ts';
import { readUnopened } from './reads/unopened.ts';
import { countOpenQuarantine, countStops, selectStoreSize } from './reads/plans.ts';

const selectEarliestCheck = statement(
  'http.select_earliest_check',
  `SELECT check_at AS due FROM profile WHERE check_at IS NOT NULL ORDER BY check_at LIMIT 1`,
);

/** Below the ten seconds that Prometheus waits for by default. */
const storeBoundMs = 5_000;

type Gauges = Pick<Metrics, 'set'>;

export interface CollectedRooms extends Omit<Rooms, 'changes'> {
  readonly resolver: Pick<Resolver, 'lag'>;
  readonly duty: { readonly isHeld: boolean };
  readonly log: Pick<PluginLogger, 'warn'>;
}

/** @param current the rooms by the config of now: the counters outlive it. */
export function collectMetrics(metrics: Metrics, current: () => CollectedRooms): MetricsText {
  const addBooks = createBookCounter(metrics);
  const observeProcess = createProcessGauges();
  const readSizes = seldom(
    () => countAll(current()),
    () => performance.now(),
  );
  return {
    contentType: metrics.contentType,
    async text() {
      const rooms = current();
      const question = metrics.beginQuestion();
      collectProcess(question, rooms);
      observeProcess(question);
      const until = performance.now() + storeBoundMs;
      const isReached = await isAnswered([collectLine(question, rooms)], until, rooms);
      if (isReached) await isAnswered(collectRest(question, rooms), until, rooms);
      question.set('tributary_store_reachable', {}, Number(isReached));
      question.end();
      return metrics.metrics();
    },
  };

  /**
   * All that readers ask for, each question beside the others: behind a flood each has to wait for its turn, and
   * one after another they would be late together.
   */
  function collectRest(question: Gauges, rooms: CollectedRooms): Promise<void>[] {
    return [
      readSizes().then((sizes) => collectSizes(question, rooms, sizes)),
      collectTimer(question, rooms),
      collectQuarantine(question, rooms),
      collectRequests(question, rooms),
      collectSources(question, rooms),
      collectRetention(question, rooms),
      collectStore(question, rooms),
      collectStops(question, rooms),
      collectDeliveries(question, rooms),
      collectUnopened(question, rooms),
    ];
  }

  async function collectDeliveries(question: Gauges, rooms: CollectedRooms): Promise<void> {
    for (const status of await rooms.delivery.status()) {
      const { instance: destination, unplanned } = status;
      collectDestination(question, status, rooms.room.now());
      question.set('tributary_plan_lag_profiles', { destination }, unplanned);
      addBooks(status);
    }
  }

  async function collectUnopened(question: Gauges, rooms: CollectedRooms): Promise<void> {
    for (const { stored } of await readUnopened(rooms)) {
      collectDestination(question, { ...stored, state: 'stopped' }, rooms.room.now());
      addBooks(stored);
    }
  }
}

/** False: not all was answered in time. Of what was not nothing is shown, rather than what was so before. */
async function isAnswered(
  questions: readonly Promise<void>[],
  until: number,
  { log }: Pick<CollectedRooms, 'log'>,
): Promise<boolean> {
  const answers = await within(Promise.allSettled(questions), until - performance.now());
  if (answers === timedOut) return false;
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (failed === undefined) return true;
  const reason = failed.reason instanceof Error ? failed.reason.message : 'unknown';
  log.warn('metrics could not be read from the store', { reason });
  return false;
}

/** What is known without the store. */
function collectProcess(metrics: Gauges, { duty, plugins, intake }: CollectedRooms): void {
  metrics.set('tributary_on_duty', {}, Number(duty.isHeld));
  metrics.set('tributary_instances_left_out', {}, plugins.problems.filter(isLeftOut).length);
  metrics.set('tributary_intake_waiting', {}, intake.waiting());
}

/** Asked ahead of readers: a store that is busy answers it, one that is away does not. */
async function collectLine(metrics: Gauges, { resolver, room }: CollectedRooms): Promise<void> {
  const { events, oldestReceivedAt } = await resolver.lag();
  metrics.set('tributary_resolve_lag_events', {}, events);
  const waiting = Math.max(0, room.now() - (oldestReceivedAt ?? Infinity)) / 1_000;
  metrics.set('tributary_resolve_lag_seconds', {}, waiting);
}

async function collectTimer(metrics: Gauges, { store, room }: CollectedRooms): Promise<void> {
  const [next] = await readerOf(store).query<{ due: number }>(selectEarliestCheck);
  const lag = Math.max(0, room.now() - (next?.due ?? Infinity)) / 1_000;
  metrics.set('tributary_audience_timer_lag_seconds', {}, lag);
}

async function collectQuarantine(
  metrics: Gauges,
  { store, config }: CollectedRooms,
): Promise<void> {
  const open = await readerOf(store).query<{ source: string; open: number }>(countOpenQuarantine);
  const kept = new Map(open.map((row) => [row.source, row.open]));
  for (const source of config.sources.keys()) {
    metrics.set('tributary_quarantine_open', { source }, kept.get(source) ?? 0);
  }
}

async function collectRequests(metrics: Gauges, { privacy }: CollectedRooms): Promise<void> {
  const requests = new Map((await privacy.countOpen()).map((row) => [row.kind, row]));
  for (const kind of requestKinds) {
    const { open: undone, overdue } = requests.get(kind) ?? { open: 0, overdue: 0 };
    metrics.set('tributary_privacy_requests_open', { kind }, undone);
    metrics.set('tributary_privacy_requests_overdue', { kind }, overdue);
  }
}

async function collectSources(metrics: Gauges, rooms: CollectedRooms): Promise<void> {
  const { config, sources } = rooms;
  const held = await rooms.paused.list();
  const known = new Map(sources.status().map(({ id, state }) => [id, state]));
  for (const { id, enabled } of config.sources.values()) {
    if (!enabled) continue;
    const state = known.get(id) ?? 'running';
    const stands = held.has(id) && state !== 'stopped' ? 'paused' : state;
    setState(metrics, id, stands, sourceStates);
  }
}

async function collectRetention(metrics: Gauges, { privacy, room }: CollectedRooms): Promise<void> {
  for (const { rule, dueSince = Infinity, removed } of await privacy.retention()) {
    const lagMs = Math.max(0, room.now() - dueSince);
    metrics.set('tributary_retention_removed', { rule }, removed);
    metrics.set('tributary_retention_lag_seconds', { rule }, lagMs / 1_000);
  }
}

interface Sizes {
  readonly people: number;
  readonly members: ReadonlyMap<string, number>;
}

async function countAll({ store, config }: CollectedRooms): Promise<Sizes> {
  const reader = readerOf(store);
  const people = await countProfiles(reader);
  const members = new Map<string, number>();
  for (const { name } of config.audiences) members.set(name, await countMembers(reader, name));
  return { people, members };
}

function collectSizes(metrics: Gauges, { config }: CollectedRooms, sizes: Sizes): void {
  metrics.set('tributary_profiles', {}, sizes.people);
  for (const { name } of config.audiences) {
    const members = sizes.members.get(name);
    // One that is newer than the reading: nobody has counted it yet.
    if (members !== undefined)
      metrics.set('tributary_audience_members', { audience: name }, members);
  }
}

async function collectStore(metrics: Gauges, { store, config }: CollectedRooms): Promise<void> {
  const [size] = await readerOf(store).query<{ bytes: number }>(selectStoreSize);
  metrics.set('tributary_store_bytes', {}, size?.bytes ?? 0);
  if (config.store.kind !== 'embedded') return;
  const disk = await statfs(config.store.folder).catch(() => undefined);
  if (disk) metrics.set('tributary_store_free_bytes', {}, disk.bavail * disk.bsize);
}

async function collectStops(metrics: Gauges, { store }: CollectedRooms): Promise<void> {
  const [waiting] = await readerOf(store).query<{ stops: number }>(countStops);
  metrics.set('tributary_stops', {}, waiting?.stops ?? 0);
}

const sourceStates = ['running', 'waiting', 'paused', 'stopped'];
const destinationStates = ['running', 'paused', 'guarded', 'stopped'];

function setState(metrics: Gauges, instance: string, now: string, states: readonly string[]): void {
  for (const state of states) {
    metrics.set('tributary_instance_state', { instance, state }, Number(state === now));
  }
}

function collectDestination(
  metrics: Gauges,
  status: StoredStatus & { readonly state: string },
  now: number,
): void {
  const destination = status.instance;
  const sumOf = (field: 'pending' | 'inDoubt'): number =>
    status.books.reduce((sum, book) => sum + book[field], 0);
  const age = status.oldestUndelivered === null ? 0 : (now - status.oldestUndelivered) / 1_000;
  metrics.set('tributary_deliveries_pending', { destination }, sumOf('pending'));
  metrics.set('tributary_deliveries_in_doubt', { destination }, sumOf('inDoubt'));
  metrics.set('tributary_deliveries_held', { destination }, status.held);
  metrics.set('tributary_delivery_oldest_seconds', { destination }, Math.max(0, age));
  metrics.set('tributary_dead_letters', { destination }, status.openDeadLetters);
  setState(metrics, destination, status.state, destinationStates);
}

const outcomes = ['delivered', 'filtered', 'rejected', 'superseded'] as const;

/** The books are kept in the store and outlive the process; a counter takes what came on top. */
function createBookCounter(metrics: Metrics): (status: StoredStatus) => void {
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
