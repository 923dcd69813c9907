// Keeps the bodies that a plugin failed on, so that they can be replayed once it is mended. Anybody
// may send what makes a plugin fail, so what is kept in a minute is bounded; the rest is counted.
import type { PluginLogger, SourceRequest } from '@tributary/sdk';
import type { Intake } from '../../intake/intake.ts';
import { recordProblem } from '../../standardise/problem.ts';
import type { HandlerResult } from './call-source.ts';
import { createKeepRate } from './keep-rate.ts';
import type { MountedSource } from './mounted-source.ts';

export interface FailureKeeper {
  keep(
    source: MountedSource,
    request: SourceRequest,
    result: Exclude<HandlerResult, { kind: 'answered' | 'paused' }>,
  ): Promise<void>;
  tell(source: MountedSource, error: unknown): void;
}

/** Per source and minute. */
const most = { bodies: 60, bytes: 33_554_432 };

export function createFailureKeeper(
  intake: Pick<Intake, 'keepUnreadable'>,
  log: Pick<PluginLogger, 'error'>,
  now: () => number,
): FailureKeeper {
  const rate = createKeepRate(most, now);

  function tell(source: MountedSource, error: unknown): void {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
    log.error('a request to a source failed', { instance: source.settings.id, reason });
  }

  return {
    tell,
    async keep(source, request, result) {
      const { id } = source.settings;
      tell(source, result.kind === 'failed' ? result.error : new Error(result.code));
      const { byteLength } = request.rawBody;
      if (byteLength === 0 || !rate.take(id, byteLength)) return;
      const found =
        result.kind === 'failed'
          ? `${result.code}: the plugin threw ${nameOf(result.error)}`
          : `${result.code}: the plugin did not answer in time`;
      const remedy = 'Mend or update the plugin; the log says more.';
      const problem = recordProblem('RECORD_UNREADABLE', `source ${id}`, found, remedy);
      await intake.keepUnreadable(id, request.receivedAt, problem, request.rawBody);
    },
  };
}

/** The kind of error alone: its message may quote what came in. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
