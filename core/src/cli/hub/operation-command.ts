// An operation of the API as a command: everything about it is made from the operation's row, so that
// API and command line cannot drift.
import { type CommandText, type Operation, hasCommand } from '../../http/operations-table.ts';
import type { Command, CommandInput, CommandOption } from '../command.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { SafeTerminal } from '../terminal.ts';
import { followJob } from './follow-job.ts';
import { fieldsOf, isPaged, optionOf, type Field } from './fields.ts';
import { openHub, rolesFor } from './hub-client.ts';
import { hubOptions } from './hub-options.ts';
import { printAnswer, printPages } from './print-answer.ts';
import { printJson } from './print-json.ts';
import { readCall } from './read-call.ts';
import { pagingOptions, readPages, readWanted } from './read-pages.ts';
import { profileOption } from './read-person.ts';

export function commandsOf(operations: readonly Operation[]): readonly Command[] {
  return operations.flatMap((operation) =>
    hasCommand(operation.command) ? [commandOf(operation, operation.command)] : [],
  );
}

function commandOf(operation: Operation, command: CommandText): Command {
  const fields = fieldsOf(operation, command);
  const places = command.places ?? [];
  const given = fields.filter(({ member }) => !places.includes(member));
  return {
    name: command.name,
    group: operation.tag,
    summary: /[.?]$/.test(operation.summary) ? operation.summary : `${operation.summary}.`,
    positionals: places.map((place) => place.toUpperCase()),
    options: { ...optionsOf(given), ...optionsOfKind(operation, command), ...hubOptions },
    required: given.filter(({ required }) => required).map(({ option }) => option),
    details: detailsOf(operation, command),
    examples: command.examples,
    run: (input, terminal) => run(operation, command, input, terminal),
  };
}

function optionsOf(fields: readonly Field[]): Readonly<Record<string, CommandOption>> {
  return Object.fromEntries(fields.map((field) => [field.option, optionOf(field)]));
}

function optionsOfKind(
  operation: Operation,
  command: CommandText,
): Readonly<Record<string, CommandOption>> {
  return {
    ...(command.person !== undefined && { profile: profileOption }),
    ...(isPaged(operation) && pagingOptions),
  };
}

function detailsOf(operation: Operation, { identifiers }: CommandText): string {
  const lines = [
    operation.description,
    identifiers && 'Identifiers are read from standard input, one namespace:value a line.',
    `Asks a running hub: ${operation.method.toUpperCase()} /api${operation.route}. ${rolesFor(operation)}`,
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

async function run(
  operation: Operation,
  command: CommandText,
  input: CommandInput,
  terminal: SafeTerminal,
): Promise<ExitCode> {
  const hub = await openHub(input, terminal);
  const call = await readCall(operation, command, input, { terminal, hub });
  if (command.print?.as === 'stream') {
    for await (const line of hub.lines(operation, call)) terminal.out(line);
    return exitCodes.ok;
  }
  if (isPaged(operation)) {
    const printsAll = command.print?.as === 'lines';
    const wanted = readWanted(input, printsAll || input.flag('all'));
    const pages = readPages(operation, call, wanted, hub);
    if (input.flag('json') && !printsAll) await printJson(pages, terminal);
    else await printPages(pages, command, terminal);
    return exitCodes.ok;
  }
  const answer = await followJob(operation, await hub.call(operation, call), hub, terminal);
  if (input.flag('json')) terminal.out(JSON.stringify(answer, undefined, 2));
  else printAnswer(answer, command, terminal);
  return exitCodes.ok;
}
