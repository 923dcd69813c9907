// `tributary completion`: a script that lets a shell complete commands and options.
import { UsageError, type Command } from './command.ts';
import { renderCompletion, shells } from './completion.ts';
import { exitCodes } from './exit-codes.ts';

/** @param commands all of them, itself included: asked for when it runs. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'Prints a script that lets a shell complete commands and options.',
    positionals: ['SHELL'],
    options: {},
    details:
      'SHELL is bash, zsh or fish. Take it into ~/.bashrc or ~/.zshrc (`source <(tributary completion bash)`), or for\nfish into ~/.config/fish/completions/tributary.fish.',
    examples: [
      'tributary completion bash',
      'tributary completion fish > ~/.config/fish/completions/tributary.fish',
    ],
    async run({ positionals: [given = ''] }, terminal) {
      const shell = shells.find((one) => one === given);
      if (shell === undefined) {
        throw new UsageError(`SHELL: found "${given}", expected one of ${shells.join(', ')}.`);
      }
      terminal.out(renderCompletion(shell, commands()));
      return exitCodes.ok;
    },
  };
}
