// A hub that listens to clients, and what it knows of a person when all has come to rest.
import { join } from 'node:path';
import { loadConfig } from '../../../core/src/config/load-config.ts';
import { startHub, type Hub } from '../../../core/src/hub.ts';
import { createLogger } from '../../../core/src/observe/logger.ts';
import { openEmbeddedStore } from '../../../core/src/store/embedded.ts';
import { dynamicStatement } from '../../../core/src/store/store.ts';
import { createHubClient } from '../../support/hub-client.ts';
import { templateFile } from '../../support/stores.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { workspaceRoot } from '../../tools/workspace.ts';
import type { EventReading, Person, ProfileReading } from './story.ts';

export const serverKey = 'clients-server-key';
export const clientKey = 'clients-client-key';

export interface ListeningHub {
  readonly url: string;
  /** Waits until so many records are in and resolved. */
  resolved(records: number): Promise<void>;
  counts(): Promise<Counts>;
  profileOf(person: Person): Promise<ProfileReading>;
  stop(): Promise<void>;
}

export interface Counts {
  readonly accepted: number;
  readonly resolved: number;
  readonly quarantined: number;
}

/** JSON is YAML. */
const config = JSON.stringify({
  tributary: 1,
  hub: { name: 'clients', store: { folder: '../data' } },
  purposes: { email_marketing: 'News' },
  sources: {
    web: {
      plugin: '@tributary/source-http',
      settings: {
        writeKeys: [
          { key: '${SERVER_KEY}', kind: 'server' },
          { key: '${CLIENT_KEY}', kind: 'client' },
        ],
      },
    },
  },
});

export async function startListeningHub(): Promise<ListeningHub> {
  const store = await openEmbeddedStore({ folder: 'memory:', template: templateFile() });
  // Beside this file, so that plugins are found as from any config of the workspace.
  const loaded = await loadConfig(join(workspaceRoot, 'test/e2e/clients.yaml'), {
    env: { SERVER_KEY: serverKey, CLIENT_KEY: clientKey },
    readFile: () => Promise.resolve(config),
  });
  const deploymentKey = Buffer.alloc(32, 7).toString('base64');
  const hub = await startHub(
    { ...loaded, config: { ...loaded.config, deploymentKey } },
    { store, port: 0, log: createLogger({ level: 'error', destination: process.stderr }) },
  );
  const client = createHubClient({
    url: () => hub.url,
    adminKey: () => hub.firstKey ?? '',
    writeKey: serverKey,
  });
  const counts = (): Promise<Counts> => readCounts(hub);
  return {
    url: hub.url,
    counts,
    async resolved(records) {
      let found: Counts | undefined;
      await waitUntil(
        async () => {
          found = await counts();
          return found.accepted >= records && found.resolved === found.accepted;
        },
        { what: `${records} records`, describe: () => found },
      );
    },
    profileOf: (person) => readProfile(client.call, person),
    stop: () => hub.stop(),
  };
}

const countRecords = dynamicStatement(
  'test.counts',
  `SELECT (SELECT count(*)::int FROM event) AS accepted,
          (SELECT position::int FROM cursor WHERE consumer = 'resolve') AS resolved,
          (SELECT count(*)::int FROM quarantine) AS quarantined`,
);

async function readCounts({ store }: Hub): Promise<Counts> {
  const [row] = await store.query<{ accepted: number; resolved: number; quarantined: number }>(
    'background',
    countRecords,
  );
  if (row === undefined) throw new Error('the store counts nothing');
  return row;
}

type Call = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>;

async function readProfile(call: Call, person: Person): Promise<ProfileReading> {
  const body = { namespace: 'user_id', value: person.userId };
  const { profileId } = (await call('POST', '/profiles/lookup', body)) as { profileId: string };
  const path = `/profiles/${profileId}`;
  const { traits } = (await call('GET', path)) as { traits: Record<string, { value: unknown }> };
  const identifiers = (await call('GET', `${path}/identifiers`)) as {
    items: { namespace: string; value: string }[];
  };
  const events = (await call('GET', `${path}/events?limit=1000`)) as { items: EventReading[] };
  return {
    traits: Object.fromEntries(Object.entries(traits).map(([name, { value }]) => [name, value])),
    identifiers: identifiers.items.map(({ namespace, value }) => `${namespace}:${value}`).sort(),
    events: events.items
      .map(({ type, name, at, properties }) => ({ type, name, at, properties }))
      .reverse(),
  };
}
