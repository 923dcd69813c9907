// Starts every source that pulls or streams, and ends them together.
import { runSource, type RunSourceOptions } from './run-source.ts';
import type { SourceInstance, SourceStatus } from './source-instance.ts';
import { createSourceTally } from './tally.ts';

export interface RunningSources {
  status(): readonly SourceStatus[];
  /** What is being committed is committed; nothing more is asked for. */
  stop(): Promise<void>;
}

export function startSources(
  sources: readonly SourceInstance[],
  options: Omit<RunSourceOptions, 'signal'>,
): RunningSources {
  const ending = new AbortController();
  const driven = sources.filter(({ definition }) => definition.pull ?? definition.stream);
  const runs = driven.map((source) => {
    const tally = createSourceTally(source.settings.id);
    return { tally, end: runSource(source, tally, { ...options, signal: ending.signal }) };
  });
  return {
    status: () => runs.map(({ tally }) => tally.status()),
    async stop() {
      ending.abort(new Error('the hub is stopping'));
      await Promise.all(runs.map(({ end }) => end));
    },
  };
}
