// Where a command writes and what it reads from its surroundings, so that a test can stand in.
import { redactSecrets } from '@tributary/sdk';

export interface Terminal {
  /** Results, with a line break added. */
  out(text: string): void;
  /** Problems and remarks, with a line break added. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): number;
}

/** Secrets of a config, once it is read, no longer reach what is written as a problem. */
export interface SafeTerminal extends Terminal {
  hide(secrets: readonly string[]): void;
}

export function createSafeTerminal(terminal: Terminal): SafeTerminal {
  const hidden: string[] = [];
  return {
    ...terminal,
    err: (text) => terminal.err(redactSecrets(text, hidden)),
    hide: (secrets) => {
      hidden.push(...secrets);
    },
  };
}

export function processTerminal(): Terminal {
  return {
    out: (text) => console.log(text),
    err: (text) => console.error(text),
    env: process.env,
    now: () => Date.now(),
  };
}
