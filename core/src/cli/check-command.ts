// `tributary check`: is this config right? Everything that is wrong is printed at once.
import type { HubConfig } from '../config/hub-config.ts';
import type { Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { readConfig } from './read-config.ts';

export const checkCommand: Command = {
  name: 'check',
  summary: 'Finds everything that is wrong with a config, without starting anything.',
  positionals: ['FILE'],
  options: {},
  details:
    'References such as ${NAME} and ${file:path} are resolved, and every plugin is loaded and asked about its settings. Nothing is opened and nothing is sent.',
  examples: ['tributary check config/demo.yaml'],
  async run({ positionals: [file = ''] }, terminal) {
    const { config } = await readConfig(file, terminal);
    terminal.out(`${file} is right: ${describe(config)}.`);
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
