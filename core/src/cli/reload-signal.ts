// SIGHUP: the hub reads its config file again and takes it up. What is wrong with it is told, and the hub
// runs on as it was.
import type { EventEmitter } from 'node:events';
import { isChangeRefused } from '../change/refused.ts';
import { printProblems } from '../config/print-problems.ts';
import { isConfigError, problemLine } from '../config/problem.ts';
import type { Hub } from '../hub.ts';
import type { HubLogger } from '../observe/logger.ts';
import type { SafeTerminal } from './terminal.ts';

export interface ReloadSignal {
  /** What came before is done now. */
  attach(hub: Pick<Hub, 'changes'>): void;
  release(): void;
}

/** A hub at somebody's terminal ends with it, as programs do: there the signal keeps its meaning. */
export function listenForReload(
  terminal: SafeTerminal,
  log: HubLogger,
  source: EventEmitter = process,
): ReloadSignal {
  let hub: Pick<Hub, 'changes'> | undefined;
  let isAsked = false;
  const onSignal = (): void => {
    isAsked = true;
    if (!hub) return;
    isAsked = false;
    void reload(hub, terminal, log);
  };
  const isWatched = terminal.draw !== undefined;
  if (!isWatched) source.on('SIGHUP', onSignal);
  return {
    attach(running) {
      hub = running;
      if (isAsked) onSignal();
    },
    release: () => void source.off('SIGHUP', onSignal),
  };
}

async function reload(
  { changes }: Pick<Hub, 'changes'>,
  terminal: SafeTerminal,
  log: HubLogger,
): Promise<void> {
  try {
    const { changed, peopleAnew } = await changes.apply(undefined, 'signal');
    const anew = peopleAnew ? ' People are being made anew from the log.' : '';
    terminal.out(changed ? `The config was taken up.${anew}` : 'The config is as it was.');
  } catch (error) {
    if (isConfigError(error)) {
      terminal.err(printProblems(error.problems));
      for (const problem of error.problems) log.error(problemLine(problem));
      terminal.err('\nCONFIG_INVALID: the hub runs on by the config that it has.');
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    if (!isChangeRefused(error)) log.error('the config could not be taken up', { message });
    else log.error(message);
    terminal.err(message);
  }
}
