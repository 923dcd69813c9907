// SIGTERM and SIGINT: the first asks to stop, the second ends the process at once.
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

/** @param end is called with the exit code that stands for the second signal. */
export function listenForStop(
  end: (code: number) => void,
  source: EventEmitter = process,
): StopSignals {
  const first = Promise.withResolvers<StopSignal>();
  let count = 0;
  const onSignal = (signal: string): void => {
    const known = signals.find((candidate) => candidate === signal);
    if (!known) return;
    count += 1;
    if (count === 1) first.resolve(known);
    else end(128 + constants.signals[known]);
  };
  for (const signal of signals) source.on(signal, onSignal);
  return {
    asked: first.promise,
    release: () => signals.forEach((signal) => source.off(signal, onSignal)),
  };
}
