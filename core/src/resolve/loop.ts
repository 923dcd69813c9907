// Runs resolve for as long as the hub lives: when intake has committed, and when time alone changes who
// is in an audience, which it does beside a log that never ends. A store that is away is waited for with backoff; nothing is lost meanwhile.
import type { Clock, PluginLogger } from '@tributary/sdk';
import type { AudienceEngine } from '../audience/engine.ts';
import type { Store } from '../store/store.ts';
import type { Resolver } from './resolver.ts';

export interface ResolveLoopOptions {
  readonly store: Store;
  readonly resolver: Resolver;
  readonly audiences: Pick<AudienceEngine, 'tick' | 'compute'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: PluginLogger;
  /** What must come before anything is resolved; repeated until it succeeds. */
  prepare(signal: AbortSignal): Promise<void>;
  /** Something changed that a destination may want to know. */
  onProgress(): void;
  /** How often time is looked at. Default 500. */
  readonly tickEveryMs?: number;
}

export interface ResolveLoop {
  /** Before `start`, by whoever wants to know whether it succeeds. */
  prepare(): Promise<void>;
  /** Before `start`: resolves what is in the log. Throws where the loop is stopped before its end. */
  drain(): Promise<void>;
  start(): void;
  /** Intake has committed. */
  wake(): void;
  /** Resolves once `prepare` has succeeded; never where the loop is stopped before that. */
  readonly prepared: Promise<void>;
  /** Resolves what is in the log, then ends. Bounded by the caller. */
  stop(): Promise<void>;
  /** Ends with the batch under way: another loop goes on with the log. */
  halt(): Promise<void>;
}

const backoffCapMs = 30_000;

/**
 * Further behind, time waits for the end of the log: who came in by it days ago, and left again since, would
 * be written to in between.
 */
const mostBehindMs = 60_000;

export function createResolveLoop(options: ResolveLoopOptions): ResolveLoop {
  const ending = new AbortController();
  let nap = new AbortController();
  let woken = false;
  let running: Promise<void> | undefined;
  let failures = 0;
  let isPrepared = false;
  const tickEveryMs = options.tickEveryMs ?? 500;
  const time = createPassage(options, tickEveryMs, ending.signal);
  const prepared = Promise.withResolvers<void>();

  async function prepare(): Promise<void> {
    if (isPrepared) return;
    await options.prepare(ending.signal);
    isPrepared = true;
    prepared.resolve();
  }

  async function turn(): Promise<void> {
    await prepare();
    const batches = await options.resolver.drain(ending.signal, time.betweenBatches);
    if (ending.signal.aborted) return;
    const evaluated = await time.passTo(options.clock.now());
    // New and edited audiences are computed slice by slice, between batches.
    const computed = await options.audiences.compute(options.store, options.clock.now());
    if (!computed) woken = true;
    if (batches > 0 || evaluated > 0 || !computed) options.onProgress();
    failures = 0;
  }

  async function rest(milliseconds: number): Promise<void> {
    if (woken || ending.signal.aborted) return;
    nap = new AbortController();
    await options.clock.sleep(milliseconds, nap.signal).catch(() => undefined);
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      woken = false;
      try {
        await turn();
        await rest(tickEveryMs);
      } catch (error) {
        if (ending.signal.aborted) return;
        failures += 1;
        options.log.error(error instanceof Error ? error.message : 'resolve failed', { failures });
        woken = false;
        await rest(options.random() * Math.min(backoffCapMs, 100 * 2 ** Math.min(failures, 12)));
      }
    }
  }

  async function halt(): Promise<void> {
    ending.abort();
    nap.abort();
    await running;
  }

  return {
    prepared: prepared.promise,
    prepare,
    async drain() {
      await options.resolver.drain(ending.signal);
      ending.signal.throwIfAborted();
    },
    start() {
      running ??= run();
    },
    wake() {
      woken = true;
      nap.abort();
    },
    async stop() {
      await halt();
      if (isPrepared && failures === 0) await options.resolver.drain();
    },
    halt,
  };
}

interface Passage {
  /** @returns how many profiles were evaluated. */
  passTo(moment: number): Promise<number>;
  /** Only as far as the log is resolved: what still waits may say that somebody is no member by now. */
  betweenBatches(this: void): Promise<void>;
}

function createPassage(
  { store, resolver, audiences, clock, ...options }: ResolveLoopOptions,
  everyMs: number,
  signal: AbortSignal,
): Passage {
  let passedAt = clock.now();

  async function passTo(moment: number): Promise<number> {
    passedAt = clock.now();
    const { evaluated } = await audiences.tick(store, moment);
    return evaluated;
  }

  return {
    passTo,
    async betweenBatches() {
      const now = clock.now();
      if (signal.aborted || now - passedAt < everyMs) return;
      const { oldestReceivedAt = now } = await resolver.lag();
      if (now - oldestReceivedAt > mostBehindMs) return;
      if ((await passTo(Math.min(now, oldestReceivedAt))) > 0) options.onProgress();
    },
  };
}
