// Has messages mapped by a thread, within time and memory. A thread that does not come back is ended and
// started anew; only the message that it was at is given up, those behind it are mapped again.
import { Worker } from 'node:worker_threads';
import type { JsonValue } from '@tributary/sdk';

export interface MappingWorkerData {
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
/** Of the thread: a mapping that needs more is a mistake. */
const resourceLimits = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 32 };

export function createMapper(data: MappingWorkerData): Mapper {
  const queue: Waiting[] = [];
  let thread: Worker | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function settle(reply: MappingReply): void {
    clearTimeout(timer);
    queue.shift()?.reply(reply);
    watch();
  }

  /** The clock of the message that the thread is at now. */
  function watch(): void {
    if (queue.length === 0 || thread === undefined) {
      thread?.unref();
      return;
    }
    thread.ref();
    timer = setTimeout(() => {
      giveUp('it takes too long');
    }, data.timeMs + graceMs);
  }

  function giveUp(reason: string): void {
    const ended = thread;
    thread = undefined;
    void ended?.terminate();
    settle({ problem: `mapping: ${reason}` });
    if (queue.length > 0 && !closed) start();
  }

  function start(): void {
    const started = startThread(data);
    thread = started;
    started.on('message', (reply: MappingReply | 'ready') => {
      if (thread !== started) return;
      if (reply === 'ready') watch();
      else settle(reply);
    });
    const fail = (): void => {
      if (thread === started) giveUp('it takes too much memory');
    };
    started.on('error', fail);
    started.on('exit', fail);
    for (const { job } of queue) started.postMessage(job);
  }

  return {
    map: (job) =>
      new Promise((reply) => {
        if (closed) {
          reply({ problem: 'mapping: the source is closing' });
          return;
        }
        queue.push({ job, reply });
        if (thread === undefined) start();
        else {
          thread.postMessage(job);
          if (queue.length === 1) watch();
        }
      }),
    async close() {
      closed = true;
      clearTimeout(timer);
      const ended = thread;
      thread = undefined;
      await ended?.terminate();
      for (const { reply } of queue.splice(0)) reply({ problem: 'mapping: the source is closing' });
    },
  };
}

/** The extension is that of this file: .ts in the workspace, .js where it was built. */
function startThread(workerData: MappingWorkerData): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./mapping-worker.${extension}`, import.meta.url), {
    workerData,
    resourceLimits,
    // The expression sees what it is handed and nothing of the process.
    env: {},
    name: 'webhook mapping',
  });
}
