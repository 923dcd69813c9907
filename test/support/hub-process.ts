// A hub as operators run it: a process of its own over a config and a store in a folder of their own,
// which may be killed at any moment and started again on what is left. Whatever is sent or read goes
// over HTTP, so a test sees what a source, an operator or a vendor would see, and nothing else.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHubClient, type HubClient } from './hub-client.ts';
import { waitUntil } from './wait-until.ts';

export interface HubProcessOptions {
  /** The config's text. Its `hub.store` is a folder beside it, so that it outlives the process. */
  readonly config: string;
  /** Added to the process's own; looked at anew at each start. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: the bin of the hub. Another file that takes the same arguments. */
  readonly entry?: string;
  /** Of the tracking API, for `send`. */
  readonly writeKey?: string;
  /** Default `warn`: what is logged is kept for the error message of a start that fails. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
}

export interface HubProcess extends HubClient {
  /** Where the hub listens; another after each start. */
  readonly url: string;
  readonly adminKey: string;
  /** Where config, store and keys are. */
  readonly folder: string;
  readonly configFile: string;
  /** The process id of the one that runs now. */
  readonly pid: number;
  readonly isRunning: boolean;
  /** The last of what all processes said, on both streams. */
  output(): string;
  /** Starts on the folder as it stands and waits until the hub says that it is ready. */
  start(): Promise<void>;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Waits until it has ended, by itself or by a signal that somebody else sent; null: by a signal. */
  ended(): Promise<number | null>;
  /** Asks it to stop; its exit code. */
  stop(): Promise<number | null>;
  /** The next start runs with this config. */
  configure(config: string): Promise<void>;
  /** Runs another command over the same config, e.g. `rebuild`, while no hub runs. */
  command(...args: readonly string[]): Promise<CommandEnd>;
  /** For a store whose first key nobody has seen; while no hub runs. */
  makeAdminKey(): Promise<void>;
  /** Kills what runs and removes the folder. */
  dispose(): Promise<void>;
}

export interface CommandEnd {
  readonly code: number | null;
  readonly output: string;
}

const workspace = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(workspace, 'core/bin/tributary.js');
/** Half of a start is compiling what the start before compiled. */
const compileCache = join(workspace, 'node_modules/.cache/compile');
const keptOutput = 200_000;
/** A first start makes a database; on a busy machine that takes its time. */
const startBoundMs = 300_000;

/** Starts nothing yet. */
export async function createHubProcess(options: HubProcessOptions): Promise<HubProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-hub-'));
  const configFile = join(folder, 'config/hub.yaml');
  await mkdir(join(folder, 'config'));
  await writeFile(configFile, options.config);
  // Plugins are looked for from the config's folder on, as in an installation.
  await symlink(join(workspace, 'node_modules'), join(folder, 'node_modules'));

  let running: Running | undefined;
  let said = '';
  let adminKey = '';
  let url = '';
  const hear = (text: string): void => {
    said = (said + text).slice(-keptOutput);
  };
  const entry = options.entry ?? bin;
  const launch = (args: readonly string[]): Running =>
    run([entry, ...args], options.environment ?? {}, hear);
  const current = (): Running => running ?? fail('no hub runs, start one', said);

  async function end(signal?: NodeJS.Signals): Promise<number | null> {
    const ending = current();
    if (signal !== undefined) ending.child.kill(signal);
    const code = await ending.ended;
    if (running === ending) running = undefined;
    return code;
  }

  async function start(): Promise<void> {
    if (running !== undefined && !running.isOver()) fail('a hub runs already', said);
    const level = options.logLevel ?? 'warn';
    const args = ['start', '--config', configFile, '--port', '0', '--log-level', level];
    const started = launch(args);
    running = started;
    await waitUntil(() => started.isOver() || /is listening on \S+/.test(started.said()), {
      what: 'the hub to listen',
      withinMs: startBoundMs,
      describe: () => started.said(),
    });
    if (started.isOver()) {
      running = undefined;
      fail('the hub ended at its start', started.said());
    }
    url = /is listening on (\S+)/.exec(started.said())?.[1] ?? '';
    // Told once in the life of a store.
    adminKey = /shown this once: (\S+)/.exec(started.said())?.[1] ?? adminKey;
    await waitUntil(async () => started.isOver() || (await fetch(`${url}/readyz`)).status === 200, {
      what: 'the hub to be ready',
      withinMs: startBoundMs,
      describe: () => started.said(),
    });
    if (started.isOver()) {
      running = undefined;
      fail('the hub ended at its start', started.said());
    }
  }

  return {
    ...createHubClient({
      url: () => url,
      adminKey: () => adminKey,
      writeKey: options.writeKey ?? '',
    }),
    folder,
    configFile,
    get url() {
      return url;
    },
    get adminKey() {
      return adminKey;
    },
    get pid() {
      return current().child.pid ?? fail('the hub has no process id', said);
    },
    get isRunning() {
      return running !== undefined && !running.isOver();
    },
    output: () => said,
    start,
    kill: async () => void (await end('SIGKILL')),
    ended: () => end(),
    stop: () => end('SIGTERM'),
    configure: (config) => writeFile(configFile, config),
    async command(...args) {
      const command = launch([...args, '--config', configFile]);
      return { code: await command.ended, output: command.said() };
    },
    async makeAdminKey() {
      const args = ['keys', 'create', '--role', 'admin', '--label', 'test', '--config', configFile];
      const command = launch(args);
      await command.ended;
      adminKey = /^(tk_\S+)$/m.exec(command.said())?.[1] ?? fail('no key', command.said());
    },
    async dispose() {
      if (running !== undefined) await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  /** With its exit code; null: by a signal. */
  readonly ended: Promise<number | null>;
  isOver(): boolean;
  said(): string;
}

function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  hear: (text: string) => void,
): Running {
  const child = spawn(process.execPath, ['--conditions=tributary-source', ...args], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // No hub outlives the test that started it.
  const orphan = (): void => void child.kill('SIGKILL');
  process.once('exit', orphan);
  let said = '';
  let isOver = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-keptOutput);
      hear(text);
    });
  }
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      isOver = true;
      process.removeListener('exit', orphan);
      resolve(code);
    });
  });
  return { child, ended, isOver: () => isOver, said: () => said };
}

function fail(problem: string, said: string): never {
  throw new Error(`${problem}. It said:\n${said.slice(-4_000)}`);
}
