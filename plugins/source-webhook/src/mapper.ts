// Has messages mapped by a process of its own, within time and memory. One that does not come back is ended
// and started anew; only the message that it was at is given up. It is handed one message at a time: those
// behind wait here, where they are counted, and go when nobody waits for them any more. It is no thread: where
// one thread's memory overflows at once, V8 ends the whole process.
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { JsonValue } from '@tributary/sdk';
import { createWaitingJobs, type NotMapped } from './waiting-jobs.ts';

/** The first message to the process; all others are jobs, as JSON. */
export interface MappingOrder {
  readonly mapping: string;
  readonly messageId: string | undefined;
  readonly timeMs: number;
  readonly outputBytes: number;
}

export interface MappingJob {
  readonly body: JsonValue;
  readonly bindings: Readonly<Record<string, JsonValue>>;
}

export type MappingReply =
  | { readonly json: string; readonly id: string }
  /** Names the place in the expression, never a value of the message. */
  | { readonly problem: string };

export interface Mapper {
  /** Never rejects; jobs are done in their order. @param signal aborts where nobody waits for the reply any more. */
  map(job: MappingJob, signal?: AbortSignal): Promise<MappingReply | NotMapped>;
  close(): Promise<void>;
}

/** Beyond its own bound the expression is in something that does not look at the clock. */
const graceMs = 1_000;
/** Where the hub's thread was held up the reply lies there already: it is looked for once more. */
const lookMs = 100;
/** A process is there in a tenth of a second; on a machine that does other work it takes longer. */
const startMs = 30_000;
/** Of V8, in MiB: a mapping that needs more is a mistake. */
const memory = ['--max-old-space-size=128', '--max-semi-space-size=8'];

export function createMapper(order: MappingOrder): Mapper {
  const jobs = createWaitingJobs(workOn);
  let child: ChildProcess | undefined;
  let isReady = false;
  let timer: NodeJS.Timeout | undefined;
  /** The first job has been at a process that ended by itself. */
  let isSecondTry = false;

  /** The process is at the first job, once it is ready. */
  function workOn(): void {
    const job = jobs.head();
    if (child === undefined) {
      if (job !== undefined) start();
      return;
    }
    hold(child, job !== undefined);
    if (!isReady) return;
    clearTimeout(timer);
    if (job === undefined) return;
    child.send(job);
    giveUpAfter(order.timeMs + graceMs, 'it takes too long');
  }

  function giveUpAfter(ms: number, reason: string): void {
    timer = setTimeout(() => {
      timer = setTimeout(() => giveUp(reason), lookMs);
    }, ms);
  }

  function giveUp(reason: string): void {
    stop()?.kill('SIGKILL');
    settle({ problem: `mapping: ${reason}` });
  }

  function settle(reply: MappingReply): void {
    isSecondTry = false;
    jobs.settleHead(reply);
  }

  /** Killed by the system, perhaps before the job came: only what ends a second process is to blame. */
  function tryAgain(reason: string): void {
    if (isSecondTry) {
      giveUp(reason);
      return;
    }
    stop();
    isSecondTry = jobs.head() !== undefined;
    workOn();
  }

  function stop(): ChildProcess | undefined {
    clearTimeout(timer);
    const ended = child;
    child = undefined;
    isReady = false;
    return ended;
  }

  function start(): void {
    const started = startProcess();
    child = started;
    giveUpAfter(startMs, 'its process does not start');
    started.on('message', (reply: MappingReply | 'ready') => {
      if (child !== started) return;
      if (reply === 'ready') {
        isReady = true;
        workOn();
      } else settle(reply);
    });
    // What cannot be sent to a process that has just ended is sent to the next.
    started.on('error', () => {
      if (child === started && started.pid === undefined) giveUp('its process does not start');
    });
    started.on('exit', () => {
      if (child !== started) return;
      tryAgain(isReady ? 'it takes too much memory' : 'its process does not start');
    });
    started.send(order);
  }

  return {
    map: async (job, signal) => jobs.add(job, signal),
    async close() {
      const ended = stop();
      jobs.close();
      if (ended !== undefined) await end(ended);
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  hold(child, true);
  await new Promise((resolve) => {
    child.once('exit', resolve).once('error', resolve);
    if (!child.kill('SIGKILL')) resolve(undefined);
  });
}

/** A process that is at nothing keeps nobody from ending. */
function hold(child: ChildProcess, isAtWork: boolean): void {
  if (isAtWork) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
  }
}

/** The extension is that of this file: .ts in the workspace, .js where it was built. */
function startProcess(): ChildProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const file = fileURLToPath(new URL(`./mapping-process.${extension}`, import.meta.url));
  return fork(file, {
    execArgv: memory,
    // A text goes as it is; JSON would be written out once more.
    serialization: 'advanced',
    // The expression sees what it is handed and nothing of the hub; the hub's terminal hears nothing of V8's last words.
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
