// One signal for everything that may end a call: its time, the hub's stop, the caller's own signal.

export interface Deadline {
  readonly signal: AbortSignal;
  /** Why the signal fired, if it did. */
  ended(): 'time-out' | 'aborted' | undefined;
  /** Nothing is waited for any more. */
  release(): void;
}

/** A timer that is set to more ends at once. */
const longestTimerMs = 2_147_483_647;

export function createDeadline(
  timeoutMs: number,
  others: readonly (AbortSignal | undefined)[],
): Deadline {
  const controller = new AbortController();
  const signals = others.filter((signal) => signal !== undefined);
  let why: 'time-out' | 'aborted' | undefined;
  const end = (reason: 'time-out' | 'aborted'): void => {
    why ??= reason;
    controller.abort();
    release();
  };
  const onAbort = (): void => end('aborted');
  const timer = setTimeout(() => end('time-out'), Math.min(timeoutMs, longestTimerMs));
  timer.unref();
  const release = (): void => {
    clearTimeout(timer);
    for (const signal of signals) signal.removeEventListener('abort', onAbort);
  };
  for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true });
  if (signals.some((signal) => signal.aborted)) onAbort();
  return { signal: controller.signal, ended: () => why, release };
}
