// SIGTERM and SIGINT: the first asks to stop, a second ends the process at once.
import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';

const signals = ['SIGTERM', 'SIGINT'] as const;
export type StopSignal = (typeof signals)[number];

export interface StopSignals {
  /** Resolves with the first signal. */
  readonly asked: Promise<StopSignal>;
  /** Signals mean again what they mean by default. */
  release(): void;
}

/**
 * One Ctrl+C arrives twice where whoever started this process was sent it too and passes it on: the `tributary`
 * command, npm, a service manager that signals them all. Nobody presses twice on purpose within this.
 */
const sameRequestMs = 500;

export interface StopWorld {
  readonly source?: EventEmitter;
  /** Milliseconds of a clock that never goes back. */
  now?(): number;
}

/** @param end is called with the exit code that stands for the second signal. */
export function listenForStop(
  end: (code: number) => void,
  { source = process, now = () => performance.now() }: StopWorld = {},
): StopSignals {
  const asked = Promise.withResolvers<StopSignal>();
  let first: { readonly signal: StopSignal; readonly at: number } | undefined;
  const onSignal = (name: string): void => {
    const signal = signals.find((candidate) => candidate === name);
    if (!signal) return;
    if (!first) {
      first = { signal, at: now() };
      asked.resolve(signal);
    } else if (signal !== first.signal || now() - first.at >= sameRequestMs) {
      end(128 + constants.signals[signal]);
    }
  };
  for (const signal of signals) source.on(signal, onSignal);
  return {
    asked: asked.promise,
    release: () => signals.forEach((signal) => source.off(signal, onSignal)),
  };
}
