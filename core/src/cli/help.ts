// Help, in plain words and with examples.
import type { Command } from './command.ts';
import { exitCodeWords } from './exit-codes.ts';

export function overview(commands: readonly Command[]): string {
  const line = lineIn(commands);
  const groups = [...new Set(commands.map(({ group }) => group))];
  return [
    'Tributary, a customer-data hub.',
    '',
    'Usage: tributary COMMAND [OPTIONS]',
    ...groups.flatMap((group) => [
      '',
      group === undefined ? 'On this machine:' : `${group}, of a running hub:`,
      ...commands.filter((command) => command.group === group).map(line),
    ]),
    '',
    'Options:',
    '  --help     this text, or that of a command with examples: tributary COMMAND --help',
    '  --version  the version of this hub',
    '',
    'A running hub is found by --url or TRIBUTARY_URL, else at the port that --config FILE says, and asked',
    'with the API key in TRIBUTARY_KEY or --key-file FILE.',
    '',
    'Exit codes:',
    ...Object.entries(exitCodeWords).map(([code, words]) => `  ${code}  ${words}`),
  ].join('\n');
}

/** All commands that begin with a word. */
export function groupHelp(word: string, commands: readonly Command[]): string {
  return [
    `Usage: tributary ${word} COMMAND [OPTIONS]`,
    '',
    ...commands.map(lineIn(commands)),
    '',
    `More of each, with examples: tributary ${commands[0]?.name ?? word} --help`,
  ].join('\n');
}

function lineIn(commands: readonly Command[]): (command: Command) => string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return ({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`;
}

export function commandHelp(command: Command): string {
  const options = formsOf(command);
  const width = Math.max(0, ...options.map(({ form }) => form.length));
  return [
    command.summary,
    '',
    `Usage: ${usageOf(command)}`,
    ...(command.details === undefined ? [] : ['', command.details]),
    ...(options.length === 0 ? [] : ['', 'Options:']),
    ...options.map(({ form, description }) => `  ${form.padEnd(width)}  ${description}`),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
  ].join('\n');
}

/** The command with what it takes; what may be left out in brackets. */
export function usageOf(command: Command): string {
  const options = formsOf(command).map(({ form, isRequired }) => (isRequired ? form : `[${form}]`));
  return ['tributary', command.name, ...command.positionals, ...options].join(' ');
}

function formsOf({ options, required = [] }: Command): readonly {
  readonly form: string;
  readonly description: string;
  readonly isRequired: boolean;
}[] {
  return Object.entries(options).map(([name, option]) => ({
    form: option.type === 'boolean' ? `--${name}` : `--${name} ${option.value ?? 'VALUE'}`,
    description: `${option.description}${option.multiple === true ? ' (may be given several times)' : ''}`,
    isRequired: required.includes(name),
  }));
}
