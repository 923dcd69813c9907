// What a hub that runs says on standard output: sentences for people, or a line of JSON per event for programs.
import type { Hub } from '../hub.ts';
import type { SafeTerminal } from './terminal.ts';

export interface StartWords {
  listening(hub: Pick<Hub, 'url' | 'firstKey' | 'problems'>, name: string): void;
  /** What it did, now and then. */
  progress(line: string): void;
  stopping(signal: string): void;
  stopped(): void;
}

export function startWords(terminal: SafeTerminal, isJson: boolean): StartWords {
  return isJson ? jsonWords(terminal) : plainWords(terminal);
}

function jsonWords(terminal: SafeTerminal): StartWords {
  const say = (event: string, members: object = {}): void =>
    terminal.out(JSON.stringify({ event, ...members }));
  return {
    listening: ({ url, firstKey, problems }, name) =>
      say('listening', { name, url, firstKey, problems }),
    progress: () => undefined,
    stopping: (signal) => say('stopping', { signal }),
    stopped: () => say('stopped'),
  };
}

function plainWords(terminal: SafeTerminal): StartWords {
  return {
    listening({ url, firstKey, problems }, name) {
      for (const { instance, code, message, hint } of problems) {
        terminal.err(`${code}: ${instance}: ${message}. ${hint}`);
      }
      if (firstKey !== undefined) {
        terminal.out(`The first API key, with role admin, shown this once: ${firstKey}`);
      }
      terminal.out(`Tributary "${name}" is listening on ${url}`);
      terminal.out(`
Ask it, in another terminal, with that key or another one (tributary keys create):
  export TRIBUTARY_URL=${url} TRIBUTARY_KEY=…
  tributary audience list
  tributary destination list
`);
    },
    progress: (line) => terminal.out(line),
    stopping: (signal) =>
      terminal.out(`${signal} received. Finishing what is in flight; once more ends at once.`),
    stopped: () => terminal.out('Stopped.'),
  };
}
