// Drives every source that pulls or streams. What a config has in common with the one before it goes on
// untouched: a source is the same when its opened instance and what config says of it are.
import { createReread, type Reread } from './reread.ts';
import { describeFailure, runSource, type RunSourceOptions } from './run-source.ts';
import type { SourceInstance, SourceStanding } from './source-instance.ts';
import { createSourceTally, type SourceTally } from './tally.ts';

export interface RunningSources {
  /** Starts those that do not run yet. */
  start(): void;
  /** Of all that are enabled: of those that only listen and of those that did not open as well. */
  status(): readonly SourceStanding[];
  /** Whether the source pulls or streams. */
  drives(id: string): boolean;
  /**
   * Ends what the source is doing, after the page that is being committed, does `between`, and begins anew
   * from its checkpoint. False: this process does not drive a source of that id.
   */
  restart(id: string, between: () => Promise<void>): Promise<boolean>;
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
  /** False: it does not run here. */
  restart(between: () => Promise<void>): Promise<boolean>;
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
    async restart(id, between) {
      const [, run] = [...runs].find(([{ settings }]) => settings.id === id) ?? [];
      return run ? run.restart(between) : false;
    },
    reread: createReread(sources),
    start: () => runs.forEach((run) => run.start()),
    status: () => sources.map((source) => standingOf(source, runs.get(source), options)),
    drives: (id) => driven.some(({ settings }) => settings.id === id),
    async stop(next) {
      const ending = [...runs].filter(([source]) => !next?.runs.has(source));
      await Promise.all(ending.map(([, run]) => run.stop()));
    },
  };
}

/** What did not open, or whose code failed beyond a call, takes nothing more, whatever it did before. */
function standingOf(
  { settings: { id }, context: { signal } }: SourceInstance,
  run: SourceRun | undefined,
  options: Pick<RunSourceOptions, 'secrets'>,
): SourceStanding {
  if (!signal.aborted) return run?.tally.status() ?? { id, state: 'running', message: undefined };
  return { id, state: 'stopped', message: describeFailure(signal.reason, options) };
}

function createRun(source: SourceInstance, options: Omit<RunSourceOptions, 'signal'>): SourceRun {
  let ending = new AbortController();
  let isStopped = false;
  const tally = createSourceTally(source.settings.id);
  let end: Promise<void> | undefined;
  /** Restarts take turns. */
  let turn: Promise<unknown> = Promise.resolve();
  const begin = (): void => {
    ending = new AbortController();
    end = runSource(source, tally, { ...options, signal: ending.signal });
  };
  const halt = async (): Promise<void> => {
    ending.abort(new Error('the source is stopped'));
    await end;
  };
  async function restart(between: () => Promise<void>): Promise<boolean> {
    if (end === undefined || isStopped) return false;
    await halt();
    try {
      await between();
    } finally {
      // Whatever became of it, the source goes on.
      if (!isStopped) begin();
    }
    return true;
  }
  return {
    tally,
    start() {
      if (end === undefined) begin();
    },
    restart(between) {
      const mine = turn.then(() => restart(between));
      turn = mine.catch(() => undefined);
      return mine;
    },
    async stop() {
      isStopped = true;
      await turn;
      await halt();
    },
  };
}
