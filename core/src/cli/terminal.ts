// Where a command writes and what it reads from its surroundings, so that a test can stand in.

export interface Terminal {
  /** Results, with a line break added. */
  out(text: string): void;
  /** Problems and remarks, with a line break added. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): number;
}

export function processTerminal(): Terminal {
  return {
    out: (text) => console.log(text),
    err: (text) => console.error(text),
    env: process.env,
    now: () => Date.now(),
  };
}
