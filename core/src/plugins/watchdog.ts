// The main thread's side of the watchdog: it beats, and says which names there are.
import { url as debuggerUrl } from 'node:inspector';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { onPluginName, pulse, pulseFields } from './attribution.ts';
import type { WatchdogData, WatchdogMessage, WatchdogSettings } from './watchdog-messages.ts';

export interface Watchdog {
  /** Once config is read. */
  settle(settings: WatchdogSettings): void;
  stop(): Promise<void>;
}

const defaultHangAfterMs = 20_000;
const tickMs = 250;

/** One for the process; it keeps nothing alive. */
export function startWatchdog(): Watchdog {
  const settings = { hangAfterMs: defaultHangAfterMs, notes: undefined, prints: {} };
  const workerData: WatchdogData = { pulse, tickMs, ...settings };
  const file = new URL(`./watchdog-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, { workerData, name: 'watchdog' });
  worker.unref();
  const beat = setInterval(() => {
    Atomics.add(pulse, pulseFields.beats, 1);
    Atomics.store(pulse, pulseFields.debugged, debuggerUrl() === undefined ? 0 : 1);
  }, tickMs);
  beat.unref();
  const tell = (message: WatchdogMessage): void => worker.postMessage(message);
  const forget = onPluginName((name, place) => tell({ kind: 'name', name, place }));
  return {
    settle: (changed) => tell({ kind: 'settings', ...changed }),
    async stop() {
      clearInterval(beat);
      forget();
      await worker.terminate();
    },
  };
}
