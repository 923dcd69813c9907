// What plugins do on the network, as metrics.
import type { Metrics } from '../observe/metrics.ts';
import type { Tracing } from '../observe/tracing.ts';
import type { PluginWorld } from './instance.ts';

export function countCalls(
  metrics: Metrics,
  tracing?: Pick<Tracing, 'called'>,
): NonNullable<PluginWorld['onCall']> {
  return (instance, call) => {
    const { status, failure, milliseconds } = call;
    tracing?.called(instance, call);
    const result = failure ?? `${Math.floor((status ?? 0) / 100)}xx`;
    metrics.add('tributary_plugin_calls_total', { instance, result });
    metrics.observe('tributary_plugin_call_seconds', { instance }, milliseconds);
  };
}
