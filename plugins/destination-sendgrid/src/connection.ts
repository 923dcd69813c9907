// What an open instance holds: one client, the directory, and what it remembers.
import type { DestinationCall, PluginContext } from '@tributary/sdk';
import { createSendgridClient, type SendgridClient } from './client.ts';
import { createDirectory, type Directory } from './directory.ts';
import type { OtherIdentifiers } from './look-up.ts';
import { createRecent, type Recent } from './recent.ts';
import type { SendgridSettings } from './settings.ts';

export interface SendgridConnection {
  readonly client: SendgridClient;
  readonly directory: Directory;
  /** E-mail → identifiers besides it that the contact turned out to have. */
  readonly identifiers: Recent<OtherIdentifiers>;
  /** Lists that contacts were put on since, by id; empty: on no list. */
  readonly lists: Set<string>;
  /** List and e-mail → id of the job that is adding the contact. */
  readonly adding: Recent<string>;
  /** List and e-mail that an addition was sent for whose answer was lost. */
  readonly inDoubt: Recent<true>;
  /** What a process before this asked for may still be under way for a while. */
  readonly openedAt: number;
}

export type SendgridCall = DestinationCall<SendgridSettings, SendgridConnection>;

const mostRemembered = 100_000;

export function createConnection(context: PluginContext<SendgridSettings>): SendgridConnection {
  const client = createSendgridClient(context);
  return {
    client,
    directory: createDirectory(client),
    identifiers: createRecent(mostRemembered),
    lists: new Set(),
    adding: createRecent(mostRemembered),
    inDoubt: createRecent(mostRemembered),
    openedAt: context.clock.now(),
  };
}

export function addingKey(listId: string, email: string): string {
  return `${listId} ${email}`;
}
