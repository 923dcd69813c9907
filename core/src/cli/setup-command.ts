// `tributary setup`: makes at the vendors what deliveries need. Only on this explicit word: the hub
// itself never creates a list that a typing mistake has named.
import { isJsonObject, redactSecrets, type DestinationPlugin } from '@tributary/sdk';
import type { LoadedConfig } from '../config/load-config.ts';
import type { DestinationInstanceSettings } from '../delivery/settings.ts';
import { failureText } from '../plugins/plugin-problem.ts';
import type { PluginRuntime } from '../plugins/runtime.ts';
import { timedOut, within } from '../plugins/within.ts';
import { configOption, jsonOption, tell, UsageError, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { withPlugins } from './open-plugins.ts';
import { readConfig } from './read-config.ts';
import type { SafeTerminal } from './terminal.ts';

const setupBoundMs = 120_000;

export const setupCommand: Command = {
  name: 'setup',
  summary: 'Creates at the vendors what deliveries need: lists, fields.',
  positionals: [],
  options: {
    config: configOption,
    destination: {
      type: 'string',
      multiple: true,
      value: 'ID',
      description: 'only this destination',
    },
    json: jsonOption,
  },
  required: ['config'],
  details: 'Safe to repeat: what is there already is left as it is. A running hub need not stop.',
  examples: ['tributary setup --config config/demo.yaml --destination mail'],
  async run(input, terminal) {
    const loaded = await readConfig(input.text('config') ?? '', terminal);
    const wanted = choose(loaded, input.texts('destination'));
    const results = await withPlugins(loaded, terminal, async (runtime) =>
      Promise.all(wanted.map(async (settings) => setUp(settings, loaded, runtime, terminal))),
    );
    const items = results.filter((result) => result !== undefined);
    const words = items.map(({ destination, created }) => `${destination}: ${describe(created)}`);
    tell({ items }, words.join('\n'), { input, terminal });
    return items.length === results.length ? exitCodes.ok : exitCodes.failed;
  },
};

function choose(
  { config }: LoadedConfig,
  ids: readonly string[],
): readonly DestinationInstanceSettings[] {
  const known = [...config.destinations.keys()];
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined) {
    throw new UsageError(
      `--destination: found "${unknown}", expected one of ${known.join(', ') || 'none, since config has none'}.`,
    );
  }
  return [...config.destinations.values()].filter(
    ({ id, enabled }) => enabled && (ids.length === 0 || ids.includes(id)),
  );
}

interface SetUp {
  readonly destination: string;
  /** Left out: its plugin has nothing to set up. */
  readonly created?: readonly string[];
}

function describe(created: readonly string[] | undefined): string {
  if (created === undefined) return 'nothing to set up';
  return created.length === 0 ? 'everything is there' : `created ${created.join(', ')}`;
}

/** undefined: it failed, and why was told. */
async function setUp(
  settings: DestinationInstanceSettings,
  loaded: LoadedConfig,
  runtime: PluginRuntime,
  terminal: SafeTerminal,
): Promise<SetUp | undefined> {
  const { id } = settings;
  const plugin = loaded.plugins.destinations.get(id);
  if (!plugin?.setup) return { destination: id };
  const answer = await runtime.open<DestinationPlugin>({
    id,
    plugin,
    settings: isJsonObject(settings.settings) ? settings.settings : {},
    timeoutMs: settings.limits.timeoutMs,
  });
  if ('problem' in answer) {
    const { code, message, hint } = answer.problem;
    terminal.err(`${code}: ${id}: ${message}. ${hint}`);
    return undefined;
  }
  const { context, connection } = answer.opened;
  const lists = settings.audiences.map(({ list }) => list);
  const work = Promise.resolve(plugin.setup({ ...context, connection, lists }));
  return report(id, work, loaded.secrets, terminal);
}

async function report(
  id: string,
  work: Promise<{ readonly created: readonly string[] }>,
  secrets: readonly string[],
  terminal: SafeTerminal,
): Promise<SetUp | undefined> {
  try {
    const done = await within(work, setupBoundMs);
    if (done === timedOut) throw new Error(`no answer within ${setupBoundMs / 1_000} s`);
    return { destination: id, created: done.created };
  } catch (error) {
    const words = redactSecrets(failureText(error), secrets);
    terminal.err(
      `SETUP_FAILED: ${id}: found ${words}, expected the vendor to create what is missing.`,
    );
    return undefined;
  }
}
