// docs/cli.md, made from the commands.
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { exitCodeWords } from './exit-codes.ts';
import { usageOf } from './help.ts';
import { hubOptions } from './hub/hub-options.ts';

export function renderCli(): string {
  const groups = [...new Set(commands.map(({ group }) => group))];
  return [
    introduction,
    '## Asking a running hub',
    asking,
    optionTable(hubOptions),
    '## Exit codes',
    table(
      ['code', 'means'],
      Object.entries(exitCodeWords).map(([code, words]) => [code, words]),
    ),
    ...groups.flatMap((group) => [
      `## ${group ?? 'On this machine'}`,
      ...commands.filter((command) => command.group === group).map(renderCommand),
    ]),
  ].join('\n\n');
}

const introduction = `# Commands

Generated from the commands themselves, and those that ask a running hub from the [operations of its API](api.md). \`tributary COMMAND --help\` tells the same.`;

const asking = `The hub is the one at \`TRIBUTARY_URL\` unless an option says otherwise, the API key the one in \`TRIBUTARY_KEY\`. A key never stands on a command line, and neither does a person's identifier: commands about somebody take a profile's id, or read \`namespace:value\` from standard input and look it up.

\`\`\`sh
echo 'email:ada@example.com' > identifier.txt
tributary profile show < identifier.txt
\`\`\`

Tables are for people: empty columns are left out and may change. \`--json\` is for programs. A list is followed over its pages to \`--limit\` items, or with \`--all\` to its end. These options belong to every such command:`;

function renderCommand(command: Command): string {
  const { name, summary, details, options, examples, group } = command;
  const own = Object.entries(options).filter(
    ([option, { description }]) =>
      group === undefined || hubOptions[option]?.description !== description,
  );
  return [
    `### ${name}`,
    summary,
    ...(details === undefined ? [] : [details]),
    `\`\`\`text\n${usageOf(command)}\n\`\`\``,
    ...(own.length === 0 ? [] : [optionTable(Object.fromEntries(own))]),
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function optionTable(options: Command['options']): string {
  const rows = Object.entries(options).map(([name, { type, value = 'VALUE', description }]) => [
    `\`--${name}${type === 'boolean' ? '' : ` ${value}`}\``,
    description,
  ]);
  return table(['option', 'meaning'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
