// What the store is asked for, as metrics.
import type { Metrics } from './metrics.ts';

export function countStatements(
  metrics: Metrics,
): (lane: string, name: string, milliseconds: number, waited: number) => void {
  return (lane, _name, milliseconds, waited) => {
    metrics.observe('tributary_store_statement_seconds', { lane }, milliseconds);
    metrics.observe('tributary_store_wait_seconds', { lane }, waited);
  };
}
