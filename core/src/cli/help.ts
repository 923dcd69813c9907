// Help, in plain words and with examples.
import type { Command } from './command.ts';
import { exitCodeWords } from './exit-codes.ts';

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'Tributary, a customer-data hub.',
    '',
    'Usage: tributary COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Options:',
    '  --help     this text, or that of a command: tributary COMMAND --help',
    '  --version  the version of this hub',
    '',
    'Examples:',
    ...commands.flatMap(({ examples }) => examples.slice(0, 1)).map((example) => `  ${example}`),
    '',
    'Exit codes:',
    ...Object.entries(exitCodeWords).map(([code, words]) => `  ${code}  ${words}`),
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const options = Object.entries(command.options).map(([name, option]) => ({
    form: option.type === 'boolean' ? `--${name}` : `--${name} ${option.value ?? 'VALUE'}`,
    description: `${option.description}${option.multiple === true ? ' (may be given several times)' : ''}`,
    isRequired: command.required?.includes(name) ?? false,
  }));
  const width = Math.max(0, ...options.map(({ form }) => form.length));
  const words = [
    ...command.positionals,
    ...options.map(({ form, isRequired }) => (isRequired ? form : `[${form}]`)),
  ];
  return [
    command.summary,
    '',
    `Usage: ${['tributary', command.name, ...words].join(' ')}`,
    ...(command.details === undefined ? [] : ['', command.details]),
    ...(options.length === 0 ? [] : ['', 'Options:']),
    ...options.map(({ form, description }) => `  ${form.padEnd(width)}  ${description}`),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
  ].join('\n');
}
