// Time that passes when the test says so.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../context.ts';

/** A clock whose time a test moves. */
export interface TestClock extends Clock {
  /** Lets time pass: wakes who sleeps until then, in order. */
  advance(milliseconds: number): Promise<void>;
}

/** Where the clock begins, and what becomes of who sleeps by it. */
export interface TestClockOptions {
  /** Milliseconds since 1970. Default 2026-01-01T00:00Z. */
  readonly now?: number;
  /** `wait`: a sleeper waits for `advance` (default). `pass`: sleeping itself lets time pass, at once. */
  readonly sleeps?: 'wait' | 'pass';
}

interface Sleeper {
  readonly until: number;
  wake(): void;
}

/** More than this many sleeps that pass at once are a loop that never ends. */
const mostSleeps = 10_000;

/**
 * A clock that stands still until it is told otherwise.
 * @throws Error from `sleep` where `sleeps` is `pass` and it is called more than 10,000 times.
 */
export function createTestClock(options: TestClockOptions = {}): TestClock {
  let now = options.now ?? Date.UTC(2026, 0, 1);
  let sleeps = 0;
  const sleepers = new Set<Sleeper>();

  const pass = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    sleeps += 1;
    if (sleeps > mostSleeps) throw new Error(`slept ${mostSleeps} times: the loop does not end`);
    now += Math.max(0, milliseconds);
    await nextTurn();
    signal?.throwIfAborted();
  };

  const wait = async (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        sleepers.delete(sleeper);
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        leave();
        reject(toError(signal?.reason));
      };
      const sleeper: Sleeper = {
        until: now + Math.max(0, milliseconds),
        wake() {
          leave();
          resolve();
        },
      };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', abort, { once: true });
    });

  return {
    now: () => now,
    async sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      await (options.sleeps === 'pass' ? pass(milliseconds, signal) : wait(milliseconds, signal));
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const next = earliest(sleepers);
        if (next === undefined || next.until > end) break;
        now = Math.max(now, next.until);
        next.wake();
        await nextTurn();
      }
      now = end;
      await nextTurn();
    },
  };
}

function earliest(sleepers: ReadonlySet<Sleeper>): Sleeper | undefined {
  let first: Sleeper | undefined;
  for (const sleeper of sleepers) if (!first || sleeper.until < first.until) first = sleeper;
  return first;
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
