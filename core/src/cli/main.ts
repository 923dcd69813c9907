// The `tributary` command line. Returns an exit code and never ends the process itself.
import { printProblems } from '../config/print-problems.ts';
import { isConfigError } from '../config/problem.ts';
import { isStoreError } from '../store/errors.ts';
import { UsageError } from './command.ts';
import { commands } from './commands.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { HubFailure } from './hub/hub-failure.ts';
import { commandHelp, groupHelp, overview } from './help.ts';
import { hubVersion } from './hub-version.ts';
import { parseCommandLine } from './parse-command-line.ts';
import { createSafeTerminal, processTerminal, type Terminal } from './terminal.ts';

export async function main(
  argv: readonly string[],
  surroundings: Terminal = processTerminal(),
): Promise<ExitCode> {
  const terminal = createSafeTerminal(surroundings);
  try {
    const line = parseCommandLine(argv, commands);
    switch (line.kind) {
      case 'version':
        terminal.out(await hubVersion());
        return exitCodes.ok;
      case 'help':
        terminal.out(line.command ? commandHelp(line.command) : overview(commands));
        return exitCodes.ok;
      case 'group':
        terminal.out(groupHelp(line.word, line.commands));
        return exitCodes.ok;
      case 'run':
        return await line.command.run(line.input, terminal);
    }
  } catch (error) {
    return tell(error, terminal);
  }
}

function tell(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof UsageError) {
    terminal.err(`CLI_USAGE: ${error.message} See \`tributary --help\`.`);
    return exitCodes.usage;
  }
  if (error instanceof HubFailure) {
    terminal.err(error.message);
    return error.exitCode;
  }
  if (isConfigError(error)) {
    const count = error.problems.filter(({ severity }) => severity === 'error').length;
    terminal.err(printProblems(error.problems));
    terminal.err(`\nCONFIG_INVALID: ${count === 1 ? '1 problem' : `${count} problems`}.`);
    return exitCodes.configInvalid;
  }
  terminal.err(error instanceof Error ? error.message : String(error));
  return isStoreError(error, 'STORE_LOCKED') || isStoreError(error, 'STORE_UNAVAILABLE')
    ? exitCodes.storeUnavailable
    : exitCodes.failed;
}
