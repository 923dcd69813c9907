// Where the hub reads config from while it runs: its own file as it is now, or a text in its place.
import { basename, dirname, join, resolve } from 'node:path';
import { loadConfig, type LoadedConfig } from '../config/load-config.ts';
import type { ConfigWorld } from '../config/references.ts';

export interface ConfigSource {
  /** Throws ConfigError. */
  read(): Promise<LoadedConfig>;
  /**
   * A config that is not in a file here; its references and plugins are looked for where the hub's own
   * are. Throws ConfigError. @param name what problems call it.
   */
  readText(text: string, name: string): Promise<LoadedConfig>;
}

export function createConfigSource(file: string, world: ConfigWorld): ConfigSource {
  return {
    read: () => loadConfig(file, world),
    readText(text, name) {
      const place = join(dirname(file), basename(name) || 'config');
      return loadConfig(place, {
        env: world.env,
        readFile: (path) =>
          path === resolve(place) ? Promise.resolve(text) : world.readFile(path),
      });
    },
  };
}
