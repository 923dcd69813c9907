// docs/metrics.md, printed from the table that the hub makes its metrics of.
import { metricTable } from '../../core/src/observe/metric-table.ts';

export function renderMetrics(): string {
  const rows = Object.entries(metricTable).map(([name, { kind, labels, help }]) => {
    const words = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${kind} | ${words} | ${help} |`;
  });
  return [
    '# Metrics',
    '',
    'Generated from the table of metrics that the hub registers. `GET /metrics` shows them in Prometheus’ text form: without a key from the same machine, with one from anywhere else.',
    '',
    '- Times are in seconds; histograms have buckets from 1 ms to 30 s.',
    '- Labels hold ids from config and words from closed lists, never a value of a person.',
    '- `source`, `destination` and `instance` are instance ids.',
    '',
    '| name | kind | labels | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
