// A plugin that logs without end fills disks and costs the hub its time: what it says in a while is
// bounded, and what was left out is counted and told.
import type { LogFields, PluginLogger } from '@tributary/sdk';

export interface LogLimit {
  now(): number;
  /** Lines in one period. Default 500. */
  readonly lines?: number;
  /** Default 60,000. */
  readonly periodMs?: number;
}

export function limitLog(log: PluginLogger, limit: LogLimit): PluginLogger {
  const { lines = 500, periodMs = 60_000 } = limit;
  let from = -Infinity;
  let said = 0;

  function mayPass(): boolean {
    const now = limit.now();
    if (now - from >= periodMs || now < from) {
      const leftOut = said - lines;
      [from, said] = [now, 0];
      if (leftOut > 0) log.warn('the plugin logged too much; lines were left out', { leftOut });
    }
    said += 1;
    if (said === lines + 1) {
      const message = `PLUGIN_LOG_FLOOD: found more than ${lines} lines in ${periodMs / 1_000} s, expected fewer. The rest is left out until then.`;
      log.warn(message);
    }
    return said <= lines;
  }

  const write =
    (level: keyof PluginLogger) =>
    (message: unknown, fields?: unknown): void => {
      if (mayPass()) log[level](textOf(message), fieldsOf(fields));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}

/** From plain JavaScript anything may come. */
function textOf(message: unknown): string {
  return typeof message === 'string' ? message : `a ${typeof message} in place of a message`;
}

function fieldsOf(fields: unknown): LogFields {
  return typeof fields === 'object' && fields !== null ? { ...fields } : {};
}
