// Whom a command is about: a profile id as an option, or an identifier from standard input. People's
// identifiers never stand on a command line.
import { isJsonObject } from '@tributary/sdk';
import { lookUpProfile } from '../../http/operations-table.ts';
import { UsageError, type CommandInput, type CommandOption } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { SafeTerminal } from '../terminal.ts';
import type { HubClient } from './hub-client.ts';
import { HubFailure } from './hub-failure.ts';

export const profileOption: CommandOption = {
  type: 'string',
  value: 'ID',
  description: 'id of a profile; left out: an identifier as namespace:value from standard input',
};

/** `email:ada@example.com`: all after the first colon is the value. Throws `UsageError`. */
export function parseIdentifier(line: string): { namespace: string; value: string } {
  const colon = line.indexOf(':');
  if (colon > 0 && colon < line.length - 1) {
    return { namespace: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
  }
  throw new UsageError('found a line without namespace and value, expected namespace:value.');
}

export async function readProfileId(
  input: CommandInput,
  terminal: SafeTerminal,
  hub: HubClient,
): Promise<string> {
  const given = input.text('profile');
  if (given !== undefined) return given;
  const lines = await terminal.lines(['identifier (namespace:value): ']);
  const [line] = lines;
  if (line === undefined || lines.length > 1) {
    throw new UsageError(
      `found ${lines.length} lines on standard input, expected one identifier as namespace:value, or --profile ID.`,
    );
  }
  const found = await hub.call(lookUpProfile, { path: {}, query: {}, body: parseIdentifier(line) });
  if (isJsonObject(found) && typeof found['profileId'] === 'string') return found['profileId'];
  const holders = isJsonObject(found) && Array.isArray(found['holders']) ? found['holders'] : [];
  throw new HubFailure(
    exitCodes.conflict,
    `CONTACT_POINT_SHARED: found ${holders.length} profiles that hold it, expected one. Choose with --profile: ${holders.join(', ')}.`,
  );
}
