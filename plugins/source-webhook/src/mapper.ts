// Has messages mapped by a process of its own, within time and memory. One that does not come back is ended
// and started anew; only the message that it was at is given up, those behind it are mapped again. It is no
// thread: where one thread's memory overflows at once, V8 ends the whole process.
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { JsonValue } from '@tributary/sdk';

/** The first message to the process; all others are jobs. */
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
  /** Never rejects; replies come in the order of the jobs. */
  map(job: MappingJob): Promise<MappingReply>;
  close(): Promise<void>;
}

interface Waiting {
  readonly job: MappingJob;
  readonly reply: (reply: MappingReply) => void;
}

/** Beyond its own bound the expression is in something that does not look at the clock. */
const graceMs = 1_000;
/** A process is there in a tenth of a second; on a machine that does other work it takes longer. */
const startMs = 30_000;
/** Of V8, in MiB: a mapping that needs more is a mistake. */
const memory = ['--max-old-space-size=128', '--max-semi-space-size=8'];

export function createMapper(order: MappingOrder): Mapper {
  const queue: Waiting[] = [];
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function settle(reply: MappingReply): void {
    queue.shift()?.reply(reply);
    watch();
  }

  /** The clock of the message that the process is at now. */
  function watch(): void {
    clearTimeout(timer);
    if (child === undefined) return;
    hold(child, queue.length > 0);
    if (queue.length > 0) giveUpAfter(order.timeMs + graceMs, 'it takes too long');
  }

  function giveUpAfter(ms: number, reason: string): void {
    timer = setTimeout(() => giveUp(reason), ms);
  }

  function giveUp(reason: string): void {
    const ended = child;
    child = undefined;
    ended?.kill('SIGKILL');
    settle({ problem: `mapping: ${reason}` });
    if (queue.length > 0 && !closed) start();
  }

  function start(): void {
    const started = startProcess();
    child = started;
    let isReady = false;
    giveUpAfter(startMs, 'its process does not start');
    started.on('message', (reply: MappingReply | 'ready') => {
      if (child !== started) return;
      if (reply === 'ready') {
        isReady = true;
        watch();
      } else settle(reply);
    });
    // What cannot be sent to a process that has just ended is sent to the next.
    started.on('error', () => {
      if (child === started && started.pid === undefined) giveUp('its process does not start');
    });
    started.on('exit', () => {
      if (child !== started) return;
      if (queue.length === 0) child = undefined;
      else giveUp(isReady ? 'it takes too much memory' : 'its process does not start');
    });
    started.send(order);
    for (const { job } of queue) started.send(job);
  }

  return {
    map: (job) =>
      new Promise((reply) => {
        if (closed) {
          reply({ problem: 'mapping: the source is closing' });
          return;
        }
        queue.push({ job, reply });
        if (child === undefined) start();
        else {
          child.send(job);
          if (queue.length === 1) watch();
        }
      }),
    async close() {
      closed = true;
      clearTimeout(timer);
      const ended = child;
      child = undefined;
      for (const { reply } of queue.splice(0)) reply({ problem: 'mapping: the source is closing' });
      if (ended === undefined) return;
      hold(ended, true);
      await new Promise((resolve) => {
        ended.once('exit', resolve).once('error', resolve);
        if (!ended.kill('SIGKILL')) resolve(undefined);
      });
    },
  };
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
    // The expression sees what it is handed and nothing of the hub; the hub's terminal hears nothing of V8's last words.
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}
