// `tributary keys … --config FILE`: the API keys of a hub that is not running. A running hub is asked
// for the same by its API.
import { createKeyStore, type KeyStore } from '../http/key-store.ts';
import { keyOnWire } from '../http/operations-table.ts';
import { isRole, roles } from '../http/roles.ts';
import {
  configOption,
  jsonOption,
  tell,
  UsageError,
  type Command,
  type CommandInput,
  type CommandOption,
} from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { HubFailure } from './hub/hub-failure.ts';
import { readConfig } from './read-config.ts';
import type { SafeTerminal } from './terminal.ts';
import { withStore } from './with-store.ts';

/** Actor in the audit log: whoever may run commands on this machine. */
const actor = 'cli';

const options: Readonly<Record<string, CommandOption>> = { config: configOption, json: jsonOption };

export const keysCreateCommand: Command = {
  name: 'keys create',
  summary: 'Makes an API key and prints it, once.',
  positionals: [],
  options: {
    ...options,
    role: { type: 'string', value: 'ROLE', description: `one of ${roles.join(', ')}` },
    label: { type: 'string', value: 'TEXT', description: 'what people recognise the key by' },
    'expires-in-days': { type: 'string', value: 'NUMBER', description: 'ends after so many days' },
  },
  required: ['config', 'role', 'label'],
  examples: ['tributary keys create --config hub.yaml --role viewer --label dashboard'],
  async run(input, terminal) {
    const role = input.text('role') ?? '';
    if (!isRole(role)) {
      throw new UsageError(`--role: found "${role}", expected one of ${roles.join(', ')}.`);
    }
    const expiresAt = expiry(input, terminal);
    const { key, view } = await withKeys(input, terminal, async (keys) =>
      keys.create({ role, label: input.text('label') ?? '', expiresAt }, actor),
    );
    if (!input.flag('json'))
      terminal.err(`Key ${view.id} with role ${role}. It is shown this once:`);
    tell({ key, view: keyOnWire(view) }, key, { input, terminal });
    return exitCodes.ok;
  },
};

export const keysListCommand: Command = {
  name: 'keys list',
  summary: 'Lists API keys, without their secrets.',
  positionals: [],
  options,
  required: ['config'],
  examples: ['tributary keys list --config hub.yaml'],
  async run(input, terminal) {
    const keys = await withKeys(input, terminal, async (store) => store.list());
    if (input.flag('json')) {
      terminal.out(JSON.stringify({ items: keys.map(keyOnWire) }, undefined, 2));
      return exitCodes.ok;
    }
    for (const { id, role, label, expiresAt, revokedAt } of keys) {
      const state = revokedAt === undefined ? endText(expiresAt, terminal.now()) : 'revoked';
      terminal.out(`${id}  ${role.padEnd(8)}  ${state.padEnd(32)}  ${label}`);
    }
    if (keys.length === 0) terminal.err('There are no keys.');
    return exitCodes.ok;
  },
};

export const keysRevokeCommand: Command = {
  name: 'keys revoke',
  summary: 'Revokes an API key from now on.',
  positionals: ['ID'],
  options,
  required: ['config'],
  examples: ['tributary keys revoke k3f9 --config hub.yaml'],
  async run(input, terminal) {
    const [id = ''] = input.positionals;
    const revoked = await withKeys(input, terminal, async (keys) => keys.revoke(id, actor));
    if (!revoked) {
      throw new HubFailure(
        exitCodes.notFound,
        `KEY_UNKNOWN: ${id}: found no live key, expected one that \`keys list\` shows. Check the id.`,
      );
    }
    tell({ changed: 1 }, `Key ${id} is revoked.`, { input, terminal });
    return exitCodes.ok;
  },
};

async function withKeys<Result>(
  input: CommandInput,
  terminal: SafeTerminal,
  work: (keys: KeyStore) => Promise<Result>,
): Promise<Result> {
  const { config } = await readConfig(input.text('config') ?? '', terminal);
  return withStore(config.store, async (store) =>
    work(createKeyStore({ store, now: () => terminal.now() })),
  );
}

function expiry(input: CommandInput, terminal: SafeTerminal): number | undefined {
  const text = input.text('expires-in-days');
  if (text === undefined) return undefined;
  const days = Number(text);
  if (Number.isSafeInteger(days) && days > 0) return terminal.now() + days * dayMs;
  throw new UsageError(`--expires-in-days: found "${text}", expected a number of days such as 90.`);
}

const dayMs = 86_400_000;

function endText(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return 'live';
  const at = new Date(expiresAt).toISOString();
  return expiresAt <= now ? `expired ${at}` : `live until ${at}`;
}
