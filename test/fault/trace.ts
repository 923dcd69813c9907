// Reads what strace tells of a process: which bytes of the write-ahead log were on the disk before an
// answer left. Calls of several threads interleave; one that is told in two halves is over at the second.

export interface TracedCall {
  readonly name: string;
  /** Arguments as told, from the first half where there are two. */
  readonly text: string;
  /** Lines of the trace. */
  readonly began: number;
  readonly ended: number;
}

export function readTrace(trace: string): TracedCall[] {
  const calls: TracedCall[] = [];
  const unfinished = new Map<string, { text: string; began: number }>();
  for (const [line, told] of trace.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(told) ?? [];
    const resumed = /^<\.\.\. (\w+) resumed>/.exec(rest);
    if (resumed) {
      const first = unfinished.get(thread);
      unfinished.delete(thread);
      if (first) calls.push({ name: resumed[1] ?? '', ...first, ended: line });
      continue;
    }
    const name = /^(\w+)\(/.exec(rest)?.[1];
    if (name === undefined) continue;
    if (rest.endsWith('<unfinished ...>')) unfinished.set(thread, { text: rest, began: line });
    else calls.push({ name, text: rest, began: line, ended: line });
  }
  return calls.toSorted((one, other) => one.began - other.began);
}

export interface TracedAnswer {
  /** The log held the record: the last line of the write. undefined: it was never seen. */
  readonly written: number | undefined;
  /** The first sync that began after it was over by then. */
  readonly synced: number | undefined;
  readonly answered: number | undefined;
}

const isSync = ({ name }: TracedCall): boolean => name === 'fsync' || name === 'fdatasync';
const isOfLog = ({ text }: TracedCall): boolean => text.includes('/pg_wal/');
const isAnswer = ({ name, text }: TracedCall): boolean =>
  /^(write|writev|sendto|sendmsg)$/.test(name) && text.includes('HTTP/1.1 200');

/** One answer per token, in order: a client that waits for each before it sends the next. */
export function traceAnswers(
  calls: readonly TracedCall[],
  tokens: readonly string[],
): TracedAnswer[] {
  const answers = calls.filter(isAnswer);
  const writes = calls.filter((call) => isOfLog(call) && !isSync(call));
  const syncs = calls.filter((call) => isOfLog(call) && isSync(call));
  return tokens.map((token, place) => {
    const written = writes.find(({ text }) => text.includes(token))?.ended;
    const sync = syncs.find(({ began }) => written !== undefined && began > written);
    return { written, synced: sync?.ended, answered: answers[place]?.began };
  });
}
