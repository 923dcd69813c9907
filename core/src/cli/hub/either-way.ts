// A command that a running hub does by its API, and that works in the store itself while the hub is
// stopped: with `--config` it is the second.
import { UsageError, type Command } from '../command.ts';

const storeConfig = {
  type: 'string',
  value: 'FILE',
  description: "a stopped hub's config: works in its store; left out: asks the running hub",
} as const;

/** Options that only one of the two takes are refused for the other. */
export function eitherWay(running: Command, stopped: Command): Command {
  const { config: _, ...ofRunning } = running.options;
  const options = { ...stopped.options, ...ofRunning, config: storeConfig };
  return {
    ...running,
    options,
    required: (running.required ?? []).filter((option) => stopped.required?.includes(option)),
    details: [running.details, stopped.details].filter((text) => text !== undefined).join('\n'),
    examples: [...running.examples, ...stopped.examples],
    async run(input, terminal) {
      const chosen = input.text('config') === undefined ? running : stopped;
      const foreign = Object.keys(options).find(
        (option) =>
          !(option in chosen.options) && (input.flag(option) || input.text(option) !== undefined),
      );
      if (foreign !== undefined) {
        const words = chosen === running ? 'only with --config' : 'only without --config';
        throw new UsageError(
          `tributary ${running.name}: found --${foreign}, which works ${words}.`,
        );
      }
      return chosen.run(input, terminal);
    },
  };
}
