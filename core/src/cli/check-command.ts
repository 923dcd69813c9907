// `tributary check`: is this config right? Everything that is wrong is printed at once.
import type { HubConfig } from '../config/hub-config.ts';
import type { Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { readConfig } from './read-config.ts';
import { testSettings } from './test-settings.ts';

export const checkCommand: Command = {
  name: 'check',
  summary: 'Finds everything that is wrong with a config, without starting anything.',
  positionals: ['FILE'],
  options: {
    tests: {
      type: 'boolean',
      description: 'also runs the tests that settings carry of themselves',
    },
  },
  details:
    'References such as ${NAME} and ${file:path} are resolved, and every plugin is loaded and asked about its settings. Nothing is opened and nothing is sent.',
  examples: ['tributary check config/demo.yaml', 'tributary check --tests config/demo.yaml'],
  async run({ positionals: [file = ''], flag }, terminal) {
    const loaded = await readConfig(file, terminal);
    if (flag('tests') && !(await testSettings(loaded, terminal))) return exitCodes.failed;
    terminal.out(`${file} is right: ${describe(loaded.config)}.`);
    return exitCodes.ok;
  },
};

function describe({ sources, destinations, audiences, consent }: HubConfig): string {
  const parts = [
    count(sources.size, 'source'),
    count(destinations.size, 'destination'),
    count(audiences.length, 'audience'),
    count(consent.purposes.size, 'purpose'),
  ];
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
