// Counts what keeps an embedded store in shape.
import type { Metrics } from './metrics.ts';

export function countMaintenance(metrics: Metrics): (tables: number, milliseconds: number) => void {
  return (tables, milliseconds) => {
    metrics.observe('tributary_store_maintenance_seconds', {}, milliseconds);
    metrics.add('tributary_store_maintained_tables_total', {}, tables);
  };
}
