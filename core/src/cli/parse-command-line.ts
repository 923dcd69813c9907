// Words of the command line → a command and its input, or a sentence that says what is wrong.
import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { UsageError, type Command, type CommandInput } from './command.ts';
import { usageOf } from './help.ts';

export type CommandLine =
  | { readonly kind: 'run'; readonly command: Command; readonly input: CommandInput }
  | { readonly kind: 'help'; readonly command: Command | undefined }
  /** Of all commands that begin with a word. */
  | { readonly kind: 'group'; readonly word: string; readonly commands: readonly Command[] }
  | { readonly kind: 'version' };

/** Throws `UsageError`. */
export function parseCommandLine(
  argv: readonly string[],
  commands: readonly Command[],
): CommandLine {
  const [first] = argv;
  if (first === undefined || first === '--help' || first === '-h') {
    return { kind: 'help', command: undefined };
  }
  if (first === '--version' || first === '-v') return { kind: 'version' };
  if (first === 'help') return helpFor(argv.slice(1), commands);
  if (argv.slice(1).some(isHelp))
    return helpFor(
      argv.filter((word) => !isHelp(word)),
      commands,
    );
  const command = findCommand(argv, commands);
  const rest = argv.slice(command.name.split(' ').length);
  return { kind: 'run', command, input: parseInput(command, rest) };
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

function helpFor(words: readonly string[], commands: readonly Command[]): CommandLine {
  const [word] = words;
  if (word === undefined) return { kind: 'help', command: undefined };
  const below = commands.filter(({ name }) => name.startsWith(`${word} `));
  const isGroup = words.length === 1 && !commands.some(({ name }) => name === word);
  if (isGroup && below.length > 0) return { kind: 'group', word, commands: below };
  return { kind: 'help', command: findCommand(words, commands) };
}

function findCommand(argv: readonly string[], commands: readonly Command[]): Command {
  for (const words of [3, 2, 1]) {
    const name = argv.slice(0, words).join(' ');
    const found = commands.find((command) => command.name === name);
    if (found) return found;
  }
  const [first = '', second] = argv;
  const below = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (below.length > 0) {
    const words = below.map(({ name }) => `tributary ${name}`).join(', ');
    const found = second === undefined ? 'nothing' : `"${second}"`;
    throw new UsageError(`found ${found} after "${first}", expected one of: ${words}.`);
  }
  const near = nearest(
    first,
    commands.flatMap(({ name }) => [name, name.split(' ')[0] ?? '']),
  );
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  throw new UsageError(`found the unknown command "${first}", expected a command.${hint}`);
}

function parseInput(command: Command, args: readonly string[]): CommandInput {
  const { values, positionals } = parseStrictly(command, args);
  const { length } = command.positionals;
  if (positionals.length !== length) {
    const expected = length === 0 ? 'none' : command.positionals.join(' ');
    const found = positionals.length === 0 ? 'no arguments' : `"${positionals.join(' ')}"`;
    throw new UsageError(`tributary ${command.name}: found ${found}, expected ${expected}.`);
  }
  const input: CommandInput = {
    positionals,
    text: (option) => textsOf(values[option]).at(-1),
    texts: (option) => textsOf(values[option]),
    flag: (option) => values[option] === true,
  };
  const missing = command.required?.find((option) => input.text(option) === undefined);
  if (missing !== undefined) {
    throw new UsageError(
      `tributary ${command.name}: found no --${missing}, expected --${missing} ${command.options[missing]?.value ?? ''}.`,
    );
  }
  return input;
}

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: string[];
}

function parseStrictly(command: Command, args: readonly string[]): Parsed {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { type, multiple = false }]) => [
      name,
      { type, multiple },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    const [message = ''] = error instanceof Error ? error.message.split(/\n|\. To specify/) : [];
    const [, unknown] = /^Unknown option '--([^']+)'/.exec(message) ?? [];
    const near = unknown === undefined ? undefined : nearest(unknown, Object.keys(options));
    const hint = near === undefined ? '' : ` Did you mean --${near}?`;
    const usage = ` Usage: ${usageOf(command)}.`;
    throw new UsageError(
      `tributary ${command.name}: ${message}.${hint}${unknown === undefined ? '' : usage}`,
      { cause: error },
    );
  }
}

function textsOf(value: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((item) => typeof item === 'string');
}
