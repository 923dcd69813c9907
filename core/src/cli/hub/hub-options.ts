// Where the running hub is and by which key it is asked. The key never stands on a command line, where
// every user of the machine could read it.
import { readFile } from 'node:fs/promises';
import { isJsonObject } from '@tributary/sdk';
import { readYaml } from '../../config/read-yaml.ts';
import { resolveReferences } from '../../config/references.ts';
import { createConfigWorld } from '../../config/world.ts';
import { UsageError, type CommandInput, type CommandOption } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { SafeTerminal } from '../terminal.ts';
import { HubFailure } from './hub-failure.ts';

export const hubOptions: Readonly<Record<string, CommandOption>> = {
  url: {
    type: 'string',
    value: 'URL',
    description: 'where the hub listens; default: TRIBUTARY_URL, or what the config says',
  },
  config: {
    type: 'string',
    value: 'FILE',
    description: "the hub's config, read for its port alone; default: port 8080 of this machine",
  },
  'key-file': {
    type: 'string',
    value: 'FILE',
    description: 'a file with an API key; default: the key in TRIBUTARY_KEY',
  },
  json: { type: 'boolean', description: "print the API's answer as it is" },
};

/** Throws `UsageError`. */
export async function readAddress(input: CommandInput, terminal: SafeTerminal): Promise<URL> {
  const given = input.text('url') ?? (terminal.env['TRIBUTARY_URL'] || undefined);
  const text = given ?? (await addressOfConfig(input.text('config'), terminal));
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.username === '') return url;
  throw new UsageError(`--url: found "${text}", expected e.g. http://127.0.0.1:8080.`);
}

/** Throws `UsageError`, or `HubFailure` where there is none. */
export async function readKey(input: CommandInput, terminal: SafeTerminal): Promise<string> {
  const file = input.text('key-file');
  const key = file === undefined ? terminal.env['TRIBUTARY_KEY'] : await readKeyFile(file);
  if (key === undefined || key === '') {
    throw new HubFailure(
      exitCodes.forbidden,
      'KEY_MISSING: found neither TRIBUTARY_KEY nor --key-file, expected an API key. The first start of a hub prints one; `tributary keys create` makes more.',
    );
  }
  terminal.hide([key]);
  return key;
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new UsageError(`--key-file: found no readable file "${file}".`, { cause: error });
  }
}

async function addressOfConfig(file: string | undefined, terminal: SafeTerminal): Promise<string> {
  const { host, port } = file === undefined ? {} : await readListening(file, terminal);
  const name = typeof host === 'string' && !everywhere.has(host) ? host : '127.0.0.1';
  // A port that came by a reference is a text.
  const given = typeof port === 'number' || typeof port === 'string' ? port : defaultPort;
  return `http://${name.includes(':') ? `[${name}]` : name}:${given}`;
}

const defaultPort = 8080;
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** `hub.http` alone: whoever asks a hub need not hold the secrets of its config. */
async function readListening(
  file: string,
  terminal: SafeTerminal,
): Promise<{ readonly host?: unknown; readonly port?: unknown }> {
  const world = createConfigWorld(terminal.env);
  const text = await world.readFile(file).catch((error: unknown) => {
    throw new UsageError(`--config: found no readable file "${file}".`, { cause: error });
  });
  const { value } = readYaml(text);
  const hub = isJsonObject(value) ? value['hub'] : undefined;
  const http = isJsonObject(hub) ? hub['http'] : undefined;
  const resolved = await resolveReferences(http, file, world);
  return isJsonObject(resolved.value) ? resolved.value : {};
}
