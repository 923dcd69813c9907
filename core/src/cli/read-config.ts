// A command's config: loaded from the world, its warnings told.
import { loadConfig, type LoadedConfig } from '../config/load-config.ts';
import { printProblems } from '../config/print-problems.ts';
import { createConfigWorld } from '../config/world.ts';
import type { SafeTerminal } from './terminal.ts';

/** Throws `ConfigError`. */
export async function readConfig(file: string, terminal: SafeTerminal): Promise<LoadedConfig> {
  const loaded = await loadConfig(file, createConfigWorld(terminal.env));
  terminal.hide(loaded.secrets);
  if (loaded.warnings.length > 0) terminal.err(`${printProblems(loaded.warnings)}\n`);
  return loaded;
}
