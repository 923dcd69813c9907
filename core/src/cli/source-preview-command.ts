// `tributary source preview`: what would become of this message? Nothing is opened, verified or sent.
import { readFile } from 'node:fs/promises';
import type { SourceSample } from '@tributary/sdk';
import { failureText } from '../plugins/plugin-problem.ts';
import { UsageError, configOption, type Command, type CommandInput } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { readConfig } from './read-config.ts';

export const sourcePreviewCommand: Command = {
  name: 'source preview',
  summary: "Shows the records that a source's settings make of a message in a file.",
  positionals: ['INSTANCE'],
  options: {
    config: configOption,
    body: { type: 'string', value: 'FILE', description: 'the message, as its sender sends it' },
    header: {
      type: 'string',
      multiple: true,
      value: "'NAME: VALUE'",
      description: 'a header that came with it',
    },
    path: { type: 'string', value: 'PATH', description: 'below the mount; default /' },
    json: { type: 'boolean', description: 'records and problems in one JSON document' },
  },
  required: ['config', 'body'],
  details:
    'The records are printed as JSON, one a line. Signatures are not asked for. Exits with 1 where the message cannot be mapped.',
  examples: ['tributary source preview billing --config hub.yaml --body order.json'],
  async run(input, terminal) {
    const [instance = ''] = input.positionals;
    const { config, plugins } = await readConfig(input.text('config') ?? '', terminal);
    const settings = config.sources.get(instance);
    if (!settings) {
      const known = [...config.sources.keys()].join(', ');
      throw new UsageError(`found no source "${instance}", expected one of: ${known}.`);
    }
    const plugin = plugins.sources.get(instance);
    if (!plugin?.preview) {
      throw new UsageError(`${settings.plugin} has no preview of messages.`);
    }
    const { records, problems } = await plugin.preview(settings.settings, await sampleOf(input));
    if (input.flag('json')) {
      terminal.out(JSON.stringify({ records, problems }, undefined, 2));
      return problems.length === 0 ? exitCodes.ok : exitCodes.failed;
    }
    for (const record of records) terminal.out(JSON.stringify(record));
    for (const problem of problems) terminal.err(problem);
    if (records.length === 0 && problems.length === 0) {
      terminal.err('The message is fine and gives no record.');
    }
    return problems.length === 0 ? exitCodes.ok : exitCodes.failed;
  },
};

async function sampleOf(input: CommandInput): Promise<SourceSample> {
  const file = input.text('body') ?? '';
  const path = input.text('path');
  return {
    body: await readFile(file).catch((error: unknown) => {
      throw new UsageError(`--body: found no readable file (${failureText(error)}).`);
    }),
    headers: Object.fromEntries(input.texts('header').map(parseHeader)),
    ...(path === undefined ? {} : { path }),
  };
}

function parseHeader(text: string): [string, string] {
  const [, name = '', value = ''] = /^([^:\s]+):\s*(.*)$/s.exec(text) ?? [];
  if (name === '') throw new UsageError(`--header: found "${text}", expected NAME: VALUE.`);
  return [name.toLowerCase(), value];
}
