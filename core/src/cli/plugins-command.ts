// `tributary plugins`: which plugins a config uses, from which packages and in which versions.
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { pathToFileURL } from 'node:url';
import { isJsonObject } from '@tributary/sdk';
import type { HubConfig } from '../config/hub-config.ts';
import { configOption, jsonOption, type Command } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { renderTable } from './hub/table.ts';
import { readConfig } from './read-config.ts';

export const pluginsCommand: Command = {
  name: 'plugins',
  summary: 'Lists the plugins that a config uses, with their versions.',
  positionals: [],
  options: { config: configOption, json: jsonOption },
  required: ['config'],
  details:
    'One line for each instance. A plugin that config names by a path is a file and has no version.',
  examples: ['tributary plugins --config config/demo.yaml'],
  async run(input, terminal) {
    const { config } = await readConfig(input.text('config') ?? '', terminal);
    const items = listPlugins(config);
    if (input.flag('json')) terminal.out(JSON.stringify({ items }, undefined, 2));
    else if (items.length === 0) terminal.err('There are none.');
    else renderTable(Object.keys(items[0] ?? {}), items).forEach((line) => terminal.out(line));
    return exitCodes.ok;
  },
};

interface ListedPlugin {
  readonly instance: string;
  readonly kind: 'source' | 'destination';
  readonly plugin: string;
  readonly version: string;
  readonly enabled: boolean;
}

function listPlugins({ sources, destinations, file }: HubConfig): readonly ListedPlugin[] {
  const instances = [
    ...[...sources.values()].map((one) => ({ ...one, kind: 'source' as const })),
    ...[...destinations.values()].map((one) => ({ ...one, kind: 'destination' as const })),
  ];
  return instances.map(({ id, kind, plugin, enabled }) => ({
    instance: id,
    kind,
    plugin,
    version: versionOf(plugin, file),
    enabled,
  }));
}

function versionOf(plugin: string, configFile: string): string {
  if (/^\.{0,2}\//.test(plugin)) return '';
  const manifest = findPackageJSON(plugin, pathToFileURL(configFile));
  const content: unknown =
    manifest === undefined ? undefined : JSON.parse(readFileSync(manifest, 'utf8'));
  return isJsonObject(content) && typeof content['version'] === 'string' ? content['version'] : '';
}
