// A whole hub in the test's own process, over any store: for what cannot be reached from outside. It
// is still talked to over HTTP.
import { fileURLToPath } from 'node:url';
import type { Clock } from '@tributary/sdk';
import type { DestinationInstanceSettings } from '../../core/src/delivery/settings.ts';
import { loadConfig, type LoadedConfig } from '../../core/src/config/load-config.ts';
import { startHub, type Hub } from '../../core/src/hub.ts';
import { createLogger } from '../../core/src/observe/logger.ts';
import type { Store } from '../../core/src/store/store.ts';
import { createHubClient, type HubClient } from './hub-client.ts';

export interface HubInProcessOptions {
  /** The config's text. Its store is not opened, and it names its own key. */
  readonly config: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly writeKey?: string;
  /** Default: any. */
  readonly port?: number;
  /** Closed with the hub. */
  readonly store: Store;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Ends the start. */
  readonly signal?: AbortSignal;
  /** Shorter waits than config can say. */
  tune?(settings: DestinationInstanceSettings): DestinationInstanceSettings;
}

export interface HubInProcess extends HubClient {
  readonly hub: Hub;
  /**
   * What the hub's config file says from now on; the hub takes it up when it is told to. A promise: a file
   * that takes its time to be read.
   */
  configure(config: string | Promise<string>): void;
}

/** Beside the shipped configs, so that plugins are found as they are for these. */
const configFile = fileURLToPath(new URL('../../config/of-a-test.yaml', import.meta.url));

export async function startHubInProcess(options: HubInProcessOptions): Promise<HubInProcess> {
  let text: string | Promise<string> = options.config;
  const configWorld = {
    env: options.environment ?? {},
    readFile: async () => text,
  };
  const loaded = await loadConfig(configFile, configWorld);
  const log = createLogger({ level: 'silent', secrets: loaded.secrets });
  const { store, clock, signal, port = 0 } = options;
  const world = { store, port, log, configWorld, signal, ...(clock && { clock }) };
  const hub = await startHub(tuned(loaded, options.tune), world);
  const client = createHubClient({
    url: () => hub.url,
    adminKey: () => hub.firstKey ?? '',
    writeKey: options.writeKey ?? '',
  });
  const configure = (config: string | Promise<string>): void => {
    text = config;
  };
  return { ...client, hub, configure };
}

function tuned(loaded: LoadedConfig, tune: HubInProcessOptions['tune']): LoadedConfig {
  if (tune === undefined) return loaded;
  const destinations = [...loaded.config.destinations].map(
    ([id, settings]) => [id, tune(settings)] as const,
  );
  return { ...loaded, config: { ...loaded.config, destinations: new Map(destinations) } };
}
