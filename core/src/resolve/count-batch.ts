// What batches did, as metrics.
import type { Metrics } from '../observe/metrics.ts';
import type { BatchReport } from './report.ts';

export function createBatchCounter(metrics: Metrics): (report: BatchReport) => void {
  let largest = 0;
  return (report) => {
    largest = Math.max(largest, report.largestComponent);
    metrics.set('tributary_largest_component_identifiers', {}, largest);
    countBatch(metrics, report);
  };
}

function countBatch(metrics: Metrics, report: BatchReport): void {
  metrics.add('tributary_resolved_events_total', {}, report.events);
  metrics.add('tributary_traits_left_out_total', {}, report.traitsLeftOut);
  metrics.observe('tributary_resolve_batch_seconds', {}, report.milliseconds);
  for (const [audience, count] of report.entered) {
    metrics.add('tributary_audience_changes_total', { audience, change: 'entered' }, count);
  }
  for (const [audience, count] of report.left) {
    metrics.add('tributary_audience_changes_total', { audience, change: 'left' }, count);
  }
}
