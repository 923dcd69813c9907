// Drives every source that pulls or streams. What a config has in common with the one before it goes on
// untouched: a source is the same when its opened instance and what config says of it are.
import { createReread, type Reread } from './reread.ts';
import { runSource, type RunSourceOptions } from './run-source.ts';
import type { SourceInstance, SourceStatus } from './source-instance.ts';
import { createSourceTally, type SourceTally } from './tally.ts';

export interface RunningSources {
  /** Starts those that do not run yet. */
  start(): void;
  status(): readonly SourceStatus[];
  /** For a replay of what a source's plugin could not read. */
  readonly reread: Reread;
  /**
   * What is being committed is committed; nothing more is asked for. Those that `next` goes on with
   * are left alone.
   */
  stop(next?: RunningSources): Promise<void>;
  readonly runs: ReadonlyMap<SourceInstance, SourceRun>;
}

export interface SourceRun {
  readonly tally: SourceTally;
  start(): void;
  stop(): Promise<void>;
}

/** Starts nothing yet. */
export function createSources(
  sources: readonly SourceInstance[],
  options: Omit<RunSourceOptions, 'signal'>,
  before?: RunningSources,
): RunningSources {
  const driven = sources.filter(({ definition }) => definition.pull ?? definition.stream);
  const runs = new Map(
    driven.map((source) => [source, before?.runs.get(source) ?? createRun(source, options)]),
  );
  return {
    runs,
    reread: createReread(sources),
    start: () => runs.forEach((run) => run.start()),
    status: () => [...runs.values()].map(({ tally }) => tally.status()),
    async stop(next) {
      const ending = [...runs].filter(([source]) => !next?.runs.has(source));
      await Promise.all(ending.map(([, run]) => run.stop()));
    },
  };
}

function createRun(source: SourceInstance, options: Omit<RunSourceOptions, 'signal'>): SourceRun {
  const ending = new AbortController();
  const tally = createSourceTally(source.settings.id);
  let end: Promise<void> | undefined;
  return {
    tally,
    start() {
      end ??= runSource(source, tally, { ...options, signal: ending.signal });
    },
    async stop() {
      ending.abort(new Error('the source is stopped'));
      await end;
    },
  };
}
