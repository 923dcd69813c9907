// The messages that wait for the mapping, in their order: bounded, and gone where nobody waits for them any more.
import type { MappingJob, MappingReply } from './mapper.ts';

/** Why a message was not come to; it is not to blame. */
export interface NotMapped {
  readonly busy: string;
}

export interface WaitingJobs {
  /** @param signal aborts where nobody waits for the reply any more. Never rejects. */
  add(job: MappingJob, signal: AbortSignal | undefined): Promise<MappingReply | NotMapped>;
  /** The first, as JSON. */
  head(): string | undefined;
  settleHead(reply: MappingReply): void;
  /** Takes nothing from now on. */
  close(): void;
}

interface Waiting {
  readonly text: string;
  reply(reply: MappingReply | NotMapped): void;
}

/** Beside the first. A small message takes a tenth of a millisecond. */
const most = { messages: 1_000, characters: 16_777_216 };

const closing = 'the source is closing';
const nobodyWaits = 'it waited for too long';

/** @param onHead the first one is another. */
export function createWaitingJobs(onHead: () => void): WaitingJobs {
  const queue: Waiting[] = [];
  let characters = 0;
  let isClosed = false;

  function take(place: number): Waiting | undefined {
    const [taken] = queue.splice(place, 1);
    characters -= taken?.text.length ?? 0;
    return taken;
  }

  /** The first is at work and cannot be told to stop, so it stays. */
  function leave(waiting: Waiting): void {
    const place = queue.indexOf(waiting);
    if (place > 0) take(place)?.reply({ busy: nobodyWaits });
  }

  function findBusy(text: string, signal: AbortSignal | undefined): string | undefined {
    if (isClosed) return closing;
    if (signal?.aborted) return nobodyWaits;
    const isFull = queue.length > most.messages || characters + text.length > most.characters;
    return queue.length > 0 && isFull ? 'too many messages wait' : undefined;
  }

  function push(text: string, reply: Waiting['reply'], signal: AbortSignal | undefined): void {
    const done = new AbortController();
    const waiting: Waiting = {
      text,
      reply(given) {
        done.abort();
        reply(given);
      },
    };
    signal?.addEventListener('abort', () => leave(waiting), { signal: done.signal });
    queue.push(waiting);
    characters += text.length;
    if (queue.length === 1) onHead();
  }

  return {
    add: (job, signal) =>
      new Promise((resolve) => {
        const text = JSON.stringify(job);
        const busy = findBusy(text, signal);
        if (busy === undefined) push(text, resolve, signal);
        else resolve({ busy });
      }),
    head: () => queue[0]?.text,
    settleHead(reply) {
      take(0)?.reply(reply);
      onHead();
    },
    close() {
      isClosed = true;
      while (queue.length > 0) take(0)?.reply({ busy: closing });
    },
  };
}
