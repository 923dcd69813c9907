// The hub's log: JSON lines through pino, without a person's data and without secrets. Fields are
// scalars by type; what may still slip into a message (an address, a number, a credential) is cut out
// of the finished line, so that no caller has to remember it.
import { createRedactor, type LogFields, type PluginLogger } from '@tributary/sdk';
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface HubLogger extends PluginLogger {
  /** A logger whose lines all carry these fields. */
  child(fields: LogFields): HubLogger;
  /** From now on these are cut out too, of whatever is written by this logger and its kin. */
  hide(secrets: readonly string[]): void;
}

export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  readonly secrets?: readonly string[];
  /** Default standard output. */
  readonly destination?: DestinationStream;
  readonly fields?: LogFields;
}

/** Longer texts are cut: a vendor's page of HTML is no log line. */
const longestText = 2_000;
const mostFields = 32;

export function createLogger(options: LoggerOptions = {}): HubLogger {
  const hidden = [...(options.secrets ?? [])];
  let redact = createRedactor(hidden);
  const settings = {
    level: options.level ?? 'info',
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: (line: string) => withoutPeople(redact(line)) },
  };
  const logger = options.destination ? pino(settings, options.destination) : pino(settings);
  return wrap(logger.child(scalars(options.fields ?? {})), (secrets) => {
    hidden.push(...secrets);
    redact = createRedactor(hidden);
  });
}

function wrap(logger: Logger, hide: HubLogger['hide']): HubLogger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void => {
      if (logger.isLevelEnabled(level)) logger[level](scalars(fields), bounded(message));
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(logger.child(scalars(fields)), hide),
    hide,
  };
}

/** A plugin in plain JavaScript may hand in anything: what is no scalar is left out. */
function scalars(fields: LogFields): Record<string, string | number | boolean | null> {
  const kept: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(fields).slice(0, mostFields)) {
    if (typeof value === 'string') kept[name] = bounded(value);
    else if (typeof value === 'number' || typeof value === 'boolean' || value === null) {
      kept[name] = value;
    }
  }
  return kept;
}

function bounded(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
}

const address = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;
const number = /\+\d{8,15}\b/g;

/** Addresses and international numbers look the same in every message. */
function withoutPeople(line: string): string {
  if (!line.includes('@') && !line.includes('+')) return line;
  return line.replace(address, '[address]').replace(number, '[number]');
}
