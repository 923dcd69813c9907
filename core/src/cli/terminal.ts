// What a command sees of the world: where it writes, what a person types, the clock and the network.
import { createInterface } from 'node:readline/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { styleText } from 'node:util';
import { redactSecrets } from '@tributary/sdk';

export type Paint = (colour: 'red' | 'green' | 'yellow' | 'bold', words: string) => string;

export interface Terminal {
  /** Results, with a line break added. */
  out(text: string): void;
  /** Problems and remarks, with a line break added. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): number;
  /** Lines of standard input. At a terminal each question asks for one; otherwise all there are. */
  lines?(questions: readonly string[]): Promise<readonly string[]>;
  /** Writes over the last line that was drawn; '' takes it away. Left out: nobody watches. */
  draw?: ((text: string) => void) | undefined;
  /** Colours, where standard output is a terminal that shows them. Left out: none. */
  readonly paint?: Paint;
  readonly fetch?: typeof globalThis.fetch;
  sleep?(milliseconds: number): Promise<void>;
}

/** Secrets of a config, once it is read, no longer reach what is written as a problem. */
export interface SafeTerminal extends Required<Terminal> {
  hide(secrets: readonly string[]): void;
}

export function createSafeTerminal(terminal: Terminal): SafeTerminal {
  const hidden: string[] = [];
  return {
    lines: () => Promise.resolve([]),
    draw: undefined,
    paint: (_, words) => words,
    fetch: globalThis.fetch,
    sleep: (milliseconds) => wait(milliseconds),
    ...terminal,
    err: (words) => terminal.err(redactSecrets(words, hidden)),
    hide: (secrets) => {
      hidden.push(...secrets);
    },
  };
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    out: (words) => console.log(words),
    err: (words) => console.error(words),
    env: process.env,
    now: () => Date.now(),
    lines: (questions) => (stdin.isTTY ? askEach(questions) : readAll()),
    // It looks whether there is a terminal, and at NO_COLOR.
    paint: (colour, words) => styleText(colour, words, { stream: stdout }),
    draw: stderr.isTTY ? (words) => void stderr.write(`\r\u001B[K${words}`) : undefined,
  };
}

async function askEach(questions: readonly string[]): Promise<readonly string[]> {
  // Questions go to standard error: standard output is for results alone.
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answers: string[] = [];
    for (const question of questions) answers.push((await dialogue.question(question)).trim());
    return answers;
  } finally {
    dialogue.close();
  }
}

async function readAll(): Promise<readonly string[]> {
  const lines = (await text(process.stdin)).split(/\r?\n/);
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}
