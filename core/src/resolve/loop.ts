// Runs resolve for as long as the hub lives: when intake has committed, and when time alone changes who
// is in an audience. A store that is away is waited for with backoff; nothing is lost meanwhile.
import type { Clock, PluginLogger } from '@tributary/sdk';
import type { AudienceEngine } from '../audience/engine.ts';
import type { Store } from '../store/store.ts';
import type { Resolver } from './resolver.ts';

export interface ResolveLoopOptions {
  readonly store: Store;
  readonly resolver: Resolver;
  readonly audiences: AudienceEngine;
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

export function createResolveLoop(options: ResolveLoopOptions): ResolveLoop {
  const ending = new AbortController();
  let nap = new AbortController();
  let woken = false;
  let running: Promise<void> | undefined;
  let failures = 0;
  let isPrepared = false;
  const prepared = Promise.withResolvers<void>();

  async function prepare(): Promise<void> {
    if (isPrepared) return;
    await options.prepare(ending.signal);
    isPrepared = true;
    prepared.resolve();
  }

  async function turn(): Promise<void> {
    await prepare();
    const batches = await options.resolver.drain(ending.signal);
    if (ending.signal.aborted) return;
    const { evaluated } = await options.audiences.tick(options.store, options.clock.now());
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
        await rest(options.tickEveryMs ?? 500);
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
