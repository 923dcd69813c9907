// `tributary start`: runs the hub until it is told to stop.
import { startHub, type Hub } from '../hub.ts';
import { listenForStrays } from '../plugins/stray-errors.ts';
import { startWatchdog, type Watchdog } from '../plugins/watchdog.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { printsOf } from '../sources/open-instances.ts';
import { createLogger, logLevels, type LogLevel } from '../observe/logger.ts';
import { openTracing } from '../observe/open-tracing.ts';
import { pino } from 'pino';
import { configOption, UsageError, type Command, type CommandInput } from './command.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { createNarrator, createReports } from './narrator.ts';
import { readConfig } from './read-config.ts';
import { listenForReload } from './reload-signal.ts';
import { startWords, type StartWords } from './start-words.ts';
import { listenForStop } from './stop-signals.ts';
import type { SafeTerminal } from './terminal.ts';

/** Above what the hub itself allows its parts; then it is ended as it stands, and loses nothing. */
const stopBoundMs = 60_000;

const lingerMs = 5_000;

export const startCommand: Command = {
  name: 'start',
  summary: 'Runs the hub until it is told to stop.',
  positionals: [],
  options: {
    config: configOption,
    port: { type: 'string', value: 'PORT', description: "in place of the config's; 0: a free one" },
    release: {
      type: 'string',
      value: 'INSTANCE',
      multiple: true,
      description: 'let run again what was left out because its code hung',
    },
    'log-level': {
      type: 'string',
      value: 'LEVEL',
      description: `one of ${logLevels.join(', ')}; default info`,
    },
    json: { type: 'boolean', description: 'a line of JSON per event in place of plain words' },
  },
  required: ['config'],
  details:
    'Plain words go to standard output, the log as JSON lines to standard error. SIGTERM or Ctrl+C lets\nwhat is in flight end; a second one ends at once. SIGHUP\nlets the hub take up its config file as it is now, unless it runs at a terminal.',
  examples: [
    'tributary start --config config/demo.yaml',
    'tributary start --config production.yaml --log-level warn 2>> hub.log',
  ],
  async run(input, terminal) {
    const port = readPort(input);
    const level = readLevel(input);
    const words = startWords(terminal, input.flag('json'));
    const watchdog = startWatchdog();
    const loaded = await readConfig(input.text('config') ?? '', terminal);
    const watch = createWatch(watchdog);
    watch(loaded.config);
    const strays = listenForStrays((error) => endWith(error, terminal));
    const stop = listenForStop((code) => process.exit(code));
    const log = createLogger({
      level,
      secrets: loaded.secrets,
      destination: pino.destination(2),
    });
    const reload = listenForReload(terminal, log);
    try {
      const reports = createReports();
      const ending = new AbortController();
      const starting = startHub(loaded, {
        log,
        signal: ending.signal,
        onBatch: reports.add,
        onConfig: watch,
        release: input.texts('release'),
        tracing: await openTracing(terminal.env, () => terminal.now()),
        ...(port === undefined ? {} : { port }),
      });
      const hub = await Promise.race([starting, stop.asked]);
      if (typeof hub === 'string') {
        // It may be making people anew, for as long as that takes.
        words.stopping(hub);
        ending.abort(new Error('told to stop'));
        const code = await stopWithin(() => endOf(starting, ending.signal), words, terminal);
        strays.release();
        return await leave(code, watchdog);
      }
      strays.handOver(hub.halt);
      words.listening(hub, loaded.config.name);
      const narrator = createNarrator({
        reports,
        config: () => hub.config,
        store: hub.store,
        tell: words.progress,
      });
      narrator.start();
      reload.attach(hub);
      const signal = await stop.asked;
      narrator.stop();
      words.stopping(signal);
      const code = await stopWithin(hub.stop, words, terminal);
      strays.release();
      return await leave(code, watchdog);
    } finally {
      stop.release();
      reload.release();
    }
  },
};

/** Who hangs is named by what is known of all configs so far: one that is refused leaves the one before. */
function createWatch(watchdog: Watchdog): (config: HubConfig) => void {
  let prints: Readonly<Record<string, string>> = {};
  return (config) => {
    prints = { ...prints, ...printsOf(config) };
    const { pluginHangAfterMs: hangAfterMs, store: notes } = config;
    watchdog.settle({ hangAfterMs, notes, prints });
  };
}

/** An error of the hub's own that nobody awaited: what it is left with cannot be known. */
function endWith(error: unknown, terminal: SafeTerminal): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.err(`HUB_CRASHED: ${text}`);
  process.exit(exitCodes.failed);
}

/** Something a plugin left behind must not keep the process from ending. */
async function leave(code: ExitCode, watchdog: Watchdog): Promise<ExitCode> {
  await watchdog.stop();
  setTimeout(() => process.exit(code), lingerMs).unref();
  return code;
}

/** Of a start that was told to end; it may have succeeded or failed just before. */
async function endOf(starting: Promise<Hub>, { reason }: AbortSignal): Promise<void> {
  try {
    const hub = await starting;
    await hub.stop();
  } catch (error) {
    if (error !== reason) throw error;
  }
}

async function stopWithin(
  stop: () => Promise<void>,
  words: StartWords,
  terminal: SafeTerminal,
): Promise<ExitCode> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, stopBoundMs, 'late');
  });
  const ended = await Promise.race([stop(), late]);
  clearTimeout(timer);
  if (ended === 'late') {
    terminal.err(
      `HUB_STOP_TIMEOUT: hub: found it still stopping after ${stopBoundMs / 1_000} s, expected it to be done. It is ended; what was in flight is taken up at the next start.`,
    );
    return exitCodes.failed;
  }
  words.stopped();
  return exitCodes.ok;
}

function readPort(input: CommandInput): number | undefined {
  const text = input.text('port');
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--port: found "${text}", expected a number from 0 to 65535.`);
}

function readLevel(input: CommandInput): LogLevel {
  const text = input.text('log-level') ?? 'info';
  const level = logLevels.find((candidate) => candidate === text);
  if (level) return level;
  throw new UsageError(`--log-level: found "${text}", expected one of ${logLevels.join(', ')}.`);
}
