// The line as one config has it: event log → resolve → audiences, and the loop that keeps it going.
import type { Clock } from '@tributary/sdk';
import { appendAudit } from '../audit/append.ts';
import { createAudienceEngine, type AudienceEngine } from '../audience/engine.ts';
import type { HubConfig } from '../config/hub-config.ts';
import type { Intake } from '../intake/intake.ts';
import type { HubLogger } from '../observe/logger.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { DeploymentKeys } from '../standardise/keys.ts';
import type { SteadyClock } from '../observe/steady-clock.ts';
import type { Tracing } from '../observe/tracing.ts';
import type { StandardiseSettings } from '../standardise/standardise.ts';
import { isPassingFailure } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import { takeChange } from './change.ts';
import { createBatchCounter } from './count-batch.ts';
import type { Pace } from './pace.ts';
import { createResolveLoop, type ResolveLoop } from './loop.ts';
import { rebuildWhenRulesChanged } from './rebuild.ts';
import type { BatchReport } from './report.ts';
import { createResolver, type Resolver } from './resolver.ts';
import type { ResolveRoom } from './room.ts';

export interface LineWorld {
  readonly store: Store;
  readonly keys: DeploymentKeys;
  readonly intake: Pick<Intake, 'justCommitted'>;
  readonly clock: Clock & Pick<SteadyClock, 'startFrom'>;
  readonly random: () => number;
  readonly log: HubLogger;
  readonly metrics: Metrics;
  readonly pace: Pace;
  /** Where the store came from a backup. */
  readonly restored?: { readonly restoredAt: number } | undefined;
  readonly tracing?: Pick<Tracing, 'resolved'> | undefined;
  readonly onBatch?: ((report: BatchReport) => void) | undefined;
}

/** Events so far, events in all. */
export interface FoldProgress {
  readonly done: number;
  readonly all: number;
}

/** Whoever is told of what was resolved. */
export interface LineEnd {
  /**
   * People are as they should be, and nothing more was resolved yet; repeated until it succeeds. Before that, where
   * they are made anew first. @param from what is resolved, or will be again, and is nothing new
   */
  takePlaces(from?: number): Promise<void>;
  /** Something was resolved that a destination may want to know. */
  wake(): void;
}

export interface Line {
  /** People are being made anew from the log; undefined: they are as they should be. */
  readonly folding: () => FoldProgress | undefined;
  readonly audiences: AudienceEngine;
  readonly room: ResolveRoom;
  readonly resolver: Resolver;
  readonly loop: ResolveLoop;
}

export function createLine(
  world: LineWorld,
  config: HubConfig,
  settings: StandardiseSettings,
  end: LineEnd,
): Line {
  const { store, keys, clock, log, metrics, pace } = world;
  const audiences = createAudienceEngine({ config, takeChange, clock: () => performance.now() });
  const { justCommitted } = world.intake;
  const judge = { settings, keys, audiences, evaluate: true, appendAudit, now: clock.now };
  const historicalBefore = world.restored?.restoredAt;
  const room = { ...judge, justCommitted, historicalBefore };
  const countBatch = createBatchCounter(metrics);
  const resolver = createResolver({
    store,
    room,
    isPassing: isPassingFailure,
    // What another process stamped would lie in the future here, and a no that does counts for nothing yet.
    onReceived: clock.startFrom,
    onBatch(report) {
      countBatch(report);
      pace.note(report);
      world.tracing?.resolved(report);
      world.onBatch?.(report);
    },
    onPutAside: (number) =>
      log.error('an event could not be resolved and was put aside', { number }),
  });
  let folding: FoldProgress | undefined;
  const onProgressOfFold = (done: number, all: number): void => {
    // The log goes on growing meanwhile.
    folding = { done, all: Math.max(done, all) };
  };
  async function prepare(signal: AbortSignal): Promise<void> {
    const beforeFolding = (last: number): Promise<void> => end.takePlaces(last);
    const options = { store, room, signal, clock, beforeFolding, onProgress: onProgressOfFold };
    if (await rebuildWhenRulesChanged(options)) {
      log.info('config or code had changed: people were made anew from the log');
    }
    await audiences.install(store);
    await end.takePlaces();
    folding = undefined;
  }
  const onProgress = (): void => end.wake();
  const loop = createResolveLoop({ ...world, resolver, audiences, prepare, onProgress });
  return { audiences, room, resolver, loop, folding: () => folding };
}
