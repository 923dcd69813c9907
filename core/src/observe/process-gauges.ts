// What the process itself costs: its memory, and how late its event loop was.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from './metrics.ts';

/** Sets both gauges at each call; the lag is the longest since the call before. */
export function createProcessGauges(): (metrics: Pick<Metrics, 'set'>) => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  return (metrics) => {
    metrics.set('tributary_process_resident_bytes', {}, process.memoryUsage.rss());
    metrics.set('tributary_event_loop_lag_seconds', {}, delay.max / 1e9);
    delay.reset();
  };
}
