// What a command is: enough to parse its line, print its help and run it.
import type { ExitCode } from './exit-codes.ts';
import type { SafeTerminal } from './terminal.ts';

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  /** May be given several times. */
  readonly multiple?: boolean;
  /** What stands for the value in help, e.g. `FILE`. */
  readonly value?: string;
  readonly description: string;
}

export interface CommandInput {
  readonly positionals: readonly string[];
  /** The option's last value; undefined where it was not given. */
  text(option: string): string | undefined;
  texts(option: string): readonly string[];
  flag(option: string): boolean;
}

export interface Command {
  /** One to three words, e.g. `audit verify`. */
  readonly name: string;
  readonly summary: string;
  /** Heading in the overview; left out: what needs no running hub. */
  readonly group?: string;
  /** Names of the positional arguments, all of them needed. */
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Options that must be given. */
  readonly required?: readonly string[];
  /** A paragraph below the usage. */
  readonly details?: string;
  readonly examples: readonly string[];
  run(input: CommandInput, terminal: SafeTerminal): Promise<ExitCode>;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const configOption: CommandOption = {
  type: 'string',
  value: 'FILE',
  description: "the hub's config",
};

export const jsonOption: CommandOption = { type: 'boolean', description: 'print JSON' };

/** One JSON document for programs, or words for people. */
export function tell(
  answer: unknown,
  words: string,
  { input, terminal }: { readonly input: CommandInput; readonly terminal: SafeTerminal },
): void {
  terminal.out(input.flag('json') ? JSON.stringify(answer, undefined, 2) : words);
}
