// The soak's hub from outside: started on the same store life after life, asked, stopped, killed.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type SoakQuestion = 'memory' | 'stuck' | 'counts' | 'stop';
export type SoakAnswer = object;

export interface SoakProcessOptions {
  readonly configFile: string;
  readonly environment: Readonly<Record<string, string>>;
  /** When its clock showed the time of the machine. */
  readonly began: number;
  readonly times: number;
}

export interface SoakProcess {
  readonly url: string;
  readonly adminKey: string;
  start(): Promise<void>;
  /** One question at a time. */
  ask(question: SoakQuestion): Promise<Readonly<Record<string, unknown>>>;
  kill(): Promise<void>;
  /** The last that it wrote. */
  said(): string;
}

const script = fileURLToPath(new URL('soak-hub.ts', import.meta.url));
const keptWords = 20_000;

export function createSoakProcess(options: SoakProcessOptions): SoakProcess {
  const { configFile, began, times } = options;
  let child: ChildProcess | undefined;
  let url = '';
  let adminKey = '';
  let said = '';

  function running(): ChildProcess {
    if (child !== undefined) return child;
    throw new Error(`no hub runs. It said:\n${said.slice(-4_000)}`);
  }

  /** The next that it tells; an error when it ends before. */
  async function hear(from: ChildProcess): Promise<Readonly<Record<string, unknown>>> {
    const over = new AbortController();
    const ended = once(from, 'exit', { signal: over.signal }).then(
      ([code, signal]) => {
        throw new Error(`the hub ended (${code ?? signal}). It said:\n${said.slice(-4_000)}`);
      },
      () => new Promise<never>(() => undefined),
    );
    try {
      const [answer] = (await Promise.race([
        once(from, 'message', { signal: over.signal }),
        ended,
      ])) as [Record<string, unknown>];
      if (typeof answer['error'] === 'string') throw new Error(answer['error']);
      return answer;
    } finally {
      over.abort();
    }
  }

  return {
    get url() {
      return url;
    },
    get adminKey() {
      return adminKey;
    },
    async start() {
      child = fork(script, [configFile, String(began), String(times)], {
        execArgv: ['--expose-gc', '--conditions=tributary-source'],
        env: { ...process.env, ...options.environment },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      const started = child;
      const orphan = (): void => void started.kill('SIGKILL');
      process.once('exit', orphan);
      started.once('exit', () => process.off('exit', orphan));
      for (const stream of [started.stdout, started.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => {
          said = (said + text).slice(-keptWords);
        });
      }
      const ready = await hear(started);
      url = String(ready['url']);
      // Told once in the life of a store.
      if (ready['firstKey'] !== '') adminKey = String(ready['firstKey']);
    },
    async ask(question) {
      const asked = running();
      const answer = hear(asked);
      asked.send(question);
      return answer;
    },
    async kill() {
      const killed = child;
      child = undefined;
      if (killed === undefined || killed.exitCode !== null || killed.signalCode !== null) return;
      const ended = once(killed, 'exit');
      killed.kill('SIGKILL');
      await ended;
    },
    said: () => said,
  };
}
