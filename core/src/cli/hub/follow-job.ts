// Waits for long work and shows how far it is: a bar where somebody watches, a line per tenth in a log.
import { isJsonObject } from '@tributary/sdk';
import { readJob, type Operation } from '../../http/operations-table.ts';
import { exitCodes } from '../exit-codes.ts';
import type { SafeTerminal } from '../terminal.ts';
import { problemFailure, type HubClient } from './hub-client.ts';
import { HubFailure } from './hub-failure.ts';
import { createProgressBar } from './progress-bar.ts';

const shortestWaitMs = 50;
const longestWaitMs = 1_000;

/** @returns the operation's answer. Throws `HubFailure`. */
export async function followJob(
  operation: Operation,
  started: unknown,
  hub: HubClient,
  terminal: SafeTerminal,
): Promise<unknown> {
  if (operation.long !== true) return started;
  const bar = createProgressBar(terminal);
  try {
    for (let job = started, wait = shortestWaitMs; ; wait = Math.min(longestWaitMs, wait * 1.5)) {
      // A hub of an older version answers at once what is a job by now.
      if (!isJsonObject(job) || job['operation'] !== operation.id) return job;
      const { id, state, done, all, answer, problem } = job;
      bar.show(Number(done), typeof all === 'number' ? all : undefined);
      if (state === 'done') return answer;
      if (state === 'failed') throw problemFailure(operation, isJsonObject(problem) ? problem : {});
      await terminal.sleep(wait);
      job = await hub
        .call(readJob, { path: { id }, query: {}, body: {} })
        .catch((error: unknown) => lost(error));
    }
  } finally {
    bar.clear();
  }
}

function lost(error: unknown): never {
  const gone = error instanceof HubFailure && error.exitCode !== exitCodes.forbidden;
  if (!gone) throw error;
  throw new HubFailure(
    error.exitCode,
    `${error.message} Whether the work was finished is unknown; it is safe to ask for it again.`,
    { cause: error },
  );
}
