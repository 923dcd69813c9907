// `tributary check`: is this config right? Everything that is wrong is printed at once.
import type { SettingsTest } from '@tributary/sdk';
import type { HubConfig } from '../config/hub-config.ts';
import { isConfigError } from '../config/problem.ts';
import { jsonOption, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { readConfig } from './read-config.ts';
import type { SafeTerminal } from './terminal.ts';
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
    json: jsonOption,
  },
  details:
    'References such as ${NAME} and ${file:path} are resolved, and every plugin is loaded and asked about its settings. Nothing is opened and nothing is sent.',
  examples: ['tributary check config/demo.yaml', 'tributary check --tests config/demo.yaml'],
  async run(input, terminal) {
    const [file = ''] = input.positionals;
    const loaded = await readConfig(file, terminal).catch((error: unknown) => {
      if (!input.flag('json') || !isConfigError(error)) throw error;
      return error.problems;
    });
    if (!('config' in loaded)) {
      terminal.out(JSON.stringify({ right: false, problems: loaded }, undefined, 2));
      return exitCodes.configInvalid;
    }
    const tests = input.flag('tests') ? await testSettings(loaded) : undefined;
    const right = tests === undefined || tests.every(passes);
    const { config, warnings } = loaded;
    if (input.flag('json')) {
      const answer = { right, problems: warnings, ...(tests && { tests }), ...countsOf(config) };
      terminal.out(JSON.stringify(answer, undefined, 2));
    } else {
      if (tests) tellTests(tests, terminal);
      if (right) terminal.out(`${file} is right: ${describe(config)}.`);
    }
    return right ? exitCodes.ok : exitCodes.failed;
  },
};

function passes({ problem }: SettingsTest): boolean {
  return problem === undefined;
}

function tellTests(tests: readonly SettingsTest[], terminal: SafeTerminal): void {
  for (const { title, path, problem } of tests) {
    if (problem !== undefined)
      terminal.err(`SETTINGS_TEST_FAILED: ${path}: "${title}": ${problem}`);
  }
  terminal.out(`${tests.filter(passes).length} of ${tests.length} tests of settings pass.`);
}

type Counts = Readonly<Record<'sources' | 'destinations' | 'audiences' | 'purposes', number>>;

function countsOf({ sources, destinations, audiences, consent }: HubConfig): Counts {
  return {
    sources: sources.size,
    destinations: destinations.size,
    audiences: audiences.length,
    purposes: consent.purposes.size,
  };
}

function describe(config: HubConfig): string {
  const { sources, destinations, audiences, purposes } = countsOf(config);
  const parts = [
    count(sources, 'source'),
    count(destinations, 'destination'),
    count(audiences, 'audience'),
    count(purposes, 'purpose'),
  ];
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
