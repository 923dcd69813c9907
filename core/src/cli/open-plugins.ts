// Plugins opened for one command, without a hub around them.
import type { LoadedConfig } from '../config/load-config.ts';
import { createLogger } from '../observe/logger.ts';
import { systemClock } from '../observe/system-clock.ts';
import { createPluginRuntime, type PluginRuntime } from '../plugins/runtime.ts';
import type { SafeTerminal } from './terminal.ts';

/** Opens nothing yet; whatever `work` opens is closed when it ends. */
export async function withPlugins<Result>(
  loaded: LoadedConfig,
  terminal: SafeTerminal,
  work: (runtime: PluginRuntime) => Promise<Result>,
): Promise<Result> {
  const runtime = createPluginRuntime({
    clock: {
      now: () => terminal.now(),
      sleep: systemClock.sleep,
    },
    random: () => Math.random(),
    log: createLogger({
      level: 'warn',
      secrets: loaded.secrets,
      destination: { write: (line) => terminal.err(line.trimEnd()) },
    }),
    secrets: loaded.secrets,
  });
  try {
    return await work(runtime);
  } finally {
    await runtime.closeAll();
  }
}
