// Events that arrive while many audiences are kept right: through intake and resolve, first as fast as
// they are taken, then at a fixed rate to see how long each takes to become a membership.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAudienceEngine, type AudienceEngine } from '../../../core/src/audience/engine.ts';
import { appendAudit } from '../../../core/src/audit/append.ts';
import { createIntake, type Intake } from '../../../core/src/intake/intake.ts';
import { takeChange } from '../../../core/src/resolve/change.ts';
import { createResolver, type Resolver } from '../../../core/src/resolve/resolver.ts';
import { dynamicStatement } from '../../../core/src/store/store.ts';
import type { Store } from '../../../core/src/store/store.ts';
import { testBounds, testKeys, testSettings, testSource } from '../../support/settings.ts';
import type { Progress } from '../progress.ts';
import { benchComputed, manyAudiences } from './parse-audiences.ts';
import { happenings, now, type ShopSize } from './shop.ts';

export interface ArrivalLine {
  readonly store: Store;
  readonly audiences: AudienceEngine;
  readonly intake: Intake;
  readonly resolver: Resolver;
  /** The moment of the line: `now`, and what has passed since it was opened. */
  moment(): number;
  /** Milliseconds within the evaluation of audiences so far. */
  evaluating(): number;
  /** Sets this run's messages apart from those of another on the same store. */
  readonly run: string;
  /** Who hears of each batch that has committed, by the number that it reached. */
  readonly listeners: Set<(upTo: number) => void>;
}

const source = testSource('web');

export async function openLine(store: Store, count: number): Promise<ArrivalLine> {
  const settings = testSettings({ sources: new Map([['web', source]]) });
  const profile = { ...settings.profile, computed: benchComputed };
  const opened = performance.now();
  const [head] = await store.query<{ last: number }>('background', selectHead);
  const moment = (): number => now + Math.floor(performance.now() - opened);
  const audiences = createAudienceEngine({
    config: { audiences: manyAudiences(count), profile },
    takeChange,
    clock: () => performance.now(),
  });
  await audiences.install(store);
  let spent = 0;
  const timed: AudienceEngine = {
    ...audiences,
    async evaluate(transaction, batch) {
      const started = performance.now();
      const report = await audiences.evaluate(transaction, batch);
      spent += performance.now() - started;
      return report;
    },
  };
  const room = {
    settings: { ...settings, profile },
    keys: testKeys,
    audiences: timed,
    evaluate: true,
    appendAudit,
    now: moment,
  };
  const intake = createIntake({
    store,
    bounds: testBounds,
    settings,
    keys: testKeys,
    onCommitted: () => Promise.resolve(),
  });
  const run = String(head?.last ?? 0);
  const listeners: ArrivalLine['listeners'] = new Set();
  const resolver = createResolver({
    store,
    room,
    isPassing: () => true,
    onBatch: ({ upTo }) => listeners.forEach((listen) => listen(upTo)),
  });
  return { store, audiences, intake, resolver, moment, evaluating: () => spent, run, listeners };
}

export interface Arrival {
  readonly place: number;
  readonly name: string;
}

/** Who does what, drawn as the shop's events were; the same in every run. */
export function drawArrivals(count: number, { profiles }: ShopSize, seed: string): Arrival[] {
  const tracked = happenings.filter(({ type }) => type === 'track');
  return Array.from({ length: count }, (_, index) => {
    const digest = createHash('sha256').update(`${seed}-${index}`).digest();
    const who = digest.readUInt32BE(0) / 2 ** 32;
    const { name } = tracked[digest.readUInt32BE(4) % tracked.length] ?? { name: '' };
    return { place: 1 + Math.floor(profiles * who ** 1.5), name };
  });
}

/**
 * Evaluates those who will be touched once, as the full computation would have: what is measured is
 * how memberships are kept, not how they are first filled.
 */
export async function settle(
  line: ArrivalLine,
  arrivals: readonly Arrival[],
  progress: Progress,
): Promise<void> {
  const { store, audiences } = line;
  const places = [...new Set(arrivals.map(({ place }) => place))];
  const ids = places.map((place) =>
    testKeys.latentId(testKeys.identifierHash('user_id', `user-${place}`)),
  );
  for (let start = 0; start < ids.length; start += settledAtOnce) {
    await store.transaction('resolve', async (transaction) =>
      audiences.evaluate(transaction, {
        touched: new Set(ids.slice(start, start + settledAtOnce)),
        vanished: new Set(),
        origins: new Map(),
        now,
        cause: 'baseline',
        change: await takeChange(transaction),
      }),
    );
    progress('settling', Math.min(ids.length, start + settledAtOnce), ids.length);
  }
  await store.query('background', dynamicStatement('bench.settled', 'ANALYZE membership'));
}

const settledAtOnce = 200;

export interface Throughput {
  readonly events: number;
  readonly batches: number;
  /** Seconds of resolve in all, and of the evaluation of audiences within it. */
  readonly resolving: number;
  readonly evaluating: number;
}

export async function takeAtFullSpeed(
  line: ArrivalLine,
  arrivals: readonly Arrival[],
  progress: Progress,
): Promise<Throughput> {
  for (let start = 0; start < arrivals.length; start += 1_000) {
    await submit(line, arrivals.slice(start, start + 1_000), `full-${start}`);
  }
  let batches = 0;
  const listen = (): void => {
    batches += 1;
    progress('events at full speed', Math.min(arrivals.length, batches * 1_000), arrivals.length);
  };
  line.listeners.add(listen);
  const [started, before] = [performance.now(), line.evaluating()];
  await line.resolver.drain();
  line.listeners.delete(listen);
  return {
    events: arrivals.length,
    batches,
    resolving: (performance.now() - started) / 1_000,
    evaluating: (line.evaluating() - before) / 1_000,
  };
}

async function submit(line: ArrivalLine, some: readonly Arrival[], id: string): Promise<void> {
  const receivedAt = line.moment();
  const records = some.map(({ place, name }, index) => ({
    type: 'track',
    identifiers: [{ namespace: 'user_id', value: `user-${place}` }],
    event: name,
    messageId: `${line.run}-${id}-${index}`,
    timestamp: new Date(receivedAt).toISOString(),
    properties: { price: 1 + (place % 90), category: 'shoes', total: 20 },
  }));
  const { quarantined } = await line.intake.submit({ source, records, receivedAt });
  if (quarantined[0]) throw new Error(`an event was not taken: ${quarantined[0].message}`);
}

export interface Latency {
  readonly rate: number;
  readonly events: number;
  /** Milliseconds from the hand-over of an event to the commit of the memberships that follow. */
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

const perRequest = 20;

/** Hands requests over when they are due, whether the line keeps pace or not. */
export async function takeAtRate(
  line: ArrivalLine,
  arrivals: readonly Arrival[],
  rate: number,
  progress: Progress,
): Promise<Latency> {
  const handedOver = new Map<number, number>();
  const times: number[] = [];
  const [head] = await line.store.query<{ last: number }>('background', selectHead);
  const first = (head?.last ?? 0) + 1;
  let next = first;
  const listen = (upTo: number): void => {
    const done = performance.now();
    for (; next <= upTo; next += 1) times.push(done - (handedOver.get(next) ?? done));
    progress('events at a fixed rate', times.length, arrivals.length);
  };
  line.listeners.add(listen);
  const ending = { handing: true };
  const draining = keepDraining(line, () => ending.handing || times.length < arrivals.length);
  const started = performance.now();
  const requests: Promise<void>[] = [];
  for (let start = 0; start < arrivals.length; start += perRequest) {
    const due = started + (start / rate) * 1_000;
    await sleep(Math.max(0, due - performance.now()));
    const some = arrivals.slice(start, start + perRequest);
    // Requests are committed in the order in which they come, so numbers follow from places.
    for (const index of some.keys()) handedOver.set(first + start + index, due);
    requests.push(submit(line, some, `rate-${start}`));
  }
  await Promise.all(requests);
  ending.handing = false;
  await draining;
  line.listeners.delete(listen);
  times.sort((one, other) => one - other);
  const at = (share: number): number =>
    Math.round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  return { rate, events: times.length, p50: at(0.5), p99: at(0.99), longest: at(1) };
}

const selectHead = dynamicStatement('bench.head', 'SELECT last FROM log_head');

/** As the hub's loop does: batch after batch, and a rest where there is nothing. */
async function keepDraining(line: ArrivalLine, more: () => boolean): Promise<void> {
  while (more()) {
    if ((await line.resolver.drain()) === 0) await sleep(2);
  }
}

export interface Passing {
  /** Profiles in which time alone had something to change, and seconds until all were right again. */
  readonly profiles: number;
  readonly seconds: number;
}

/** Lets time pass for everybody who was settled. */
export async function letTimePass(line: ArrivalLine, milliseconds: number): Promise<Passing> {
  const started = performance.now();
  const { evaluated } = await line.audiences.tick(line.store, line.moment() + milliseconds);
  return { profiles: evaluated, seconds: (performance.now() - started) / 1_000 };
}
